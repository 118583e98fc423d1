// A client of a published log that shares no code with Comity: the Merkle tree and the tiles are
// those of golang.org/x/mod/sumdb/tlog, notes those of golang.org/x/mod/sumdb/note.
//
//	client log URL LOGKEY WITNESSKEY…     every entry and tile of the log, over HTTP
//	client inclusion FILE LOGKEY          a tlog-proof
//	client consistency FILE SINCE LOGKEY  that a log continues the checkpoint SINCE
//	client fork FILE LOGKEY               evidence of a fork
//	client prove URL LOGKEY N M           its own proofs: of entry N, and from M entries
//	client cosign FILE SEED NAME TIME     its own cosignature of a checkpoint
//
// It ends with 0 and says what holds, or with 1 and says what does not.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("NO:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("what is to be done?")
	}
	switch args[0] {
	case "log":
		return checkLog(args[1], args[2], args[3:])
	case "inclusion":
		return checkInclusion(args[1], args[2])
	case "consistency":
		return checkConsistency(args[1], args[2], args[3])
	case "fork":
		return checkFork(args[1], args[2])
	case "prove":
		return prove(args[1], args[2], args[3], args[4])
	case "cosign":
		return cosign(args[1], args[2], args[3], args[4])
	}
	return errors.New("unknown command")
}

// cosigner verifies cosignature/v1 as c2sp.org/tlog-cosignature says.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return nil, errors.New("not the verifier key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if hex.EncodeToString(sum[:4]) != parts[1] {
		return nil, errors.New("the hash of the verifier key is another")
	}
	return cosigner{parts[0], binary.BigEndian.Uint32(sum[:]), key[1:]}, nil
}

// open verifies a checkpoint under the key of the log, and counts the witnesses that cosigned it.
func open(data []byte, vkey string, witnesses ...string) (tlog.Tree, int, error) {
	log, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	known := []note.Verifier{log}
	for _, one := range witnesses {
		w, err := newCosigner(one)
		if err != nil {
			return tlog.Tree{}, 0, err
		}
		known = append(known, w)
	}
	opened, err := note.Open(data, note.VerifierList(known...))
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	signed := false
	for _, sig := range opened.Sigs {
		signed = signed || (sig.Name == log.Name() && sig.Hash == log.KeyHash())
	}
	lines := strings.Split(opened.Text, "\n")
	if !signed || len(lines) < 4 || lines[0] != log.Name() {
		return tlog.Tree{}, 0, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, len(opened.Sigs) - 1, err
}

// tiles reads the tiles of a log; sumdb writes the height into their path, C2SP does not.
type tiles struct{ url string }

func (t tiles) Height() int                       { return 8 }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		data, err := get(t.url + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func get(url string) ([]byte, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func checkLog(url, vkey string, witnesses []string) error {
	data, err := get(url + "/checkpoint")
	if err != nil {
		return err
	}
	tree, cosigned, err := open(data, vkey, witnesses...)
	if err != nil {
		return err
	}
	if cosigned != len(witnesses) {
		return fmt.Errorf("%d of %d witnesses cosigned", cosigned, len(witnesses))
	}
	reader := tlog.TileHashReader(tree, tiles{url})
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil || root != tree.Hash {
		return fmt.Errorf("the tiles lead to another root: %v", err)
	}
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		bundle, err := get(url + "/" + path)
		if err != nil {
			return err
		}
		var indexes []int64
		var entries []tlog.Hash
		for len(bundle) >= 2 {
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				return errors.New("a bundle is cut")
			}
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(len(entries))))
			entries = append(entries, tlog.RecordHash(bundle[2:2+length]))
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 || int64(len(entries)) != width {
			return errors.New("a bundle has another number of entries")
		}
		stated, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, hash := range entries {
			if stated[i] != hash {
				return fmt.Errorf("entry %d has another hash than its tile says", first+int64(i))
			}
		}
	}
	fmt.Printf("log %d entries, %d witnesses\n", tree.N, cosigned)
	return nil
}

// parts takes a proof file apart: its lines, and the checkpoint behind the first empty one.
func parts(file string) ([]string, []byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	split := strings.SplitN(string(data), "\n\n", 2)
	if len(split) != 2 {
		return nil, nil, errors.New("not a proof")
	}
	return strings.Split(split[0], "\n"), []byte(split[1]), nil
}

func hashes(lines []string) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		found = append(found, hash)
	}
	return found, nil
}

func checkInclusion(file, vkey string) error {
	lines, checkpoint, err := parts(file)
	if err != nil {
		return err
	}
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof with an entry")
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	proof, err := hashes(lines[3:])
	if err != nil {
		return err
	}
	tree, _, err := open(checkpoint, vkey)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("entry %d of %d\n", index, tree.N)
	return nil
}

func checkConsistency(file, since, vkey string) error {
	lines, checkpoint, err := parts(file)
	if err != nil {
		return err
	}
	earlier, err := os.ReadFile(since)
	if err != nil {
		return err
	}
	before, _, err := open(earlier, vkey)
	if err != nil {
		return err
	}
	after, _, err := open(checkpoint, vkey)
	if err != nil {
		return err
	}
	proof, err := hashes(lines[1:])
	if err != nil {
		return err
	}
	if lines[0] != fmt.Sprintf("old %d", before.N) {
		return errors.New("of another checkpoint")
	}
	if err := tlog.CheckTree(proof, after.N, after.Hash, before.N, before.Hash); err != nil {
		return err
	}
	fmt.Printf("%d continues %d\n", after.N, before.N)
	return nil
}

func checkFork(file, vkey string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var told struct {
		First, Second string
		Other         *string  `json:"other_root"`
		Consistency   []string `json:"consistency"`
	}
	if err := json.Unmarshal(data, &told); err != nil {
		return err
	}
	first, _, err := open([]byte(told.First), vkey)
	if err != nil {
		return err
	}
	second, _, err := open([]byte(told.Second), vkey)
	if err != nil {
		return err
	}
	other := second.Hash
	if told.Other != nil {
		if other, err = tlog.ParseHash(*told.Other); err != nil {
			return err
		}
		proof, err := hashes(told.Consistency)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, second.N, second.Hash, first.N, other); err != nil {
			return err
		}
	} else if first.N != second.N {
		return errors.New("of two sizes, without a proof")
	}
	if other == first.Hash {
		return errors.New("one history has both")
	}
	fmt.Printf("forked: %d and %d\n", first.N, second.N)
	return nil
}

func prove(url, vkey, entry, old string) error {
	data, err := get(url + "/checkpoint")
	if err != nil {
		return err
	}
	tree, _, err := open(data, vkey)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(entry, 10, 64)
	if err != nil {
		return err
	}
	m, err := strconv.ParseInt(old, 10, 64)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, tiles{url})
	record, err := tlog.ProveRecord(tree.N, n, reader)
	if err != nil {
		return err
	}
	growth, err := tlog.ProveTree(tree.N, m, reader)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"inclusion": []tlog.Hash(record), "consistency": []tlog.Hash(growth)})
}

func cosign(file, seed, name, at string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	secret, err := hex.DecodeString(seed)
	if err != nil || len(secret) != ed25519.SeedSize {
		return errors.New("not a seed")
	}
	now, err := strconv.ParseUint(at, 10, 64)
	if err != nil {
		return err
	}
	key := ed25519.NewKeyFromSeed(secret)
	text := string(data[:strings.Index(string(data), "\n\n")+1])
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", now, text)
	public := append([]byte{4}, key.Public().(ed25519.PublicKey)...)
	id := sha256.Sum256(append([]byte(name+"\n"), public...))
	value := append(id[:4:4], make([]byte, 8)...)
	binary.BigEndian.PutUint64(value[4:], now)
	value = append(value, ed25519.Sign(key, []byte(signed))...)
	fmt.Printf("%s+%s+%s\n", name, hex.EncodeToString(id[:4]), base64.StdEncoding.EncodeToString(public))
	fmt.Printf("\u2014 %s %s\n", name, base64.StdEncoding.EncodeToString(value))
	return nil
}
