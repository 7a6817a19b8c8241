"""Devices, precision, programs, memory, and the processes that share a step."""
