"""The inspector in a browser: a server that only reads, and one file that needs no server."""
