"""Addresses in the standard form of USPS Publication 28."""

from comity.request.address.folding import fold
from comity.request.address.model import Address, Form
from comity.request.address.parse import parse

__all__ = ["Address", "Form", "fold", "parse"]
