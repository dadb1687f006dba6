"""SMPP, ours from the octets up. The package is divided among ranks: see .importlinter."""
