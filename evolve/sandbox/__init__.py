"""Where candidates run: the protocol (`base`), this machine (`local`), and a script for tests (`scripted`)."""
