"""Orders that others deliver: the port, its adapters, and the loop that works them off."""
