"""The measuring behind ./dev bench: each file is one noun, bench/run.py puts them together."""
