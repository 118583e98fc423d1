"""`comity key`: an officer's own keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.cli.output import AsJson, emit, passphrase
from comity.core.canonical import Json
from comity.core.keys import new_encryption_key, public_jwk, save_encryption_key, save_signing_key
from comity.core.statement import encode_public_key

app = typer.Typer(help="Make an officer's keys.", no_args_is_help=True)


@app.callback()
def _keys() -> None:
    """Make an officer's keys."""


@app.command()
def new(
    officer: Annotated[str, typer.Argument(help="The officer's id on the roster.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the key files.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Make OFFICER.sign.pem and OFFICER.enc.pem, and print the public halves for the roster.

    The passphrase is COMITY_PASSPHRASE, or asked for."""
    secret = passphrase()
    signing, encryption = Ed25519PrivateKey.generate(), new_encryption_key()
    save_signing_key(out / f"{officer}.sign.pem", signing, secret)
    save_encryption_key(out / f"{officer}.enc.pem", encryption, secret)
    jwk = public_jwk(encryption.public_key())
    public = encode_public_key(signing.public_key())
    data: Json = {"id": officer, "signing_key": public, "encryption_key": jwk}
    emit(
        as_json,
        data,
        lambda c: c.print(
            f"For the roster:\n\n  - id: {officer}\n    signing_key: {public}\n"
            f"    encryption_key: {{kty: {jwk['kty']}, crv: {jwk['crv']}, "
            f"x: {jwk['x']}, y: {jwk['y']}}}",
            markup=False,
        ),
    )
