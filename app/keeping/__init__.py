"""Keeping what people have: verified copies of the whole data folder, and the way back from one."""
