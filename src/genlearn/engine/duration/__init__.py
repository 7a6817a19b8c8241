"""How long a training is: as many steps as were asked for, or as a time holds, and more."""
