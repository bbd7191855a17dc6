"""Public addresses: read, checked and derived here, so that an extended key leaves this machine never.

digests  the hash functions of Bitcoin and Ethereum that Python may lack
public_curve  points of secp256k1: only what derivation from a public key needs
address_codecs  base58check, bech32 and bech32m
bitcoin_addresses  one address, or an extended public key with the addresses of its two branches
wallet_scan  which addresses of an extended public key were used, and what lies there
evm_addresses  addresses of Ethereum and chains like it, with the checksum in their capitals
evm_tokens  the tokens of Ethereum whose balances are read
"""
