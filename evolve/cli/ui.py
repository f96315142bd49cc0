"""The command `ui`: the inspector in a browser."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from evolve.cli.options import COMMON, Common, naming, reading
from evolve.errors import SettingsError


def ui(
    database: Annotated[
        str | None, Parameter(help="The database; evolve.db in this folder, or --db, by default.")
    ] = None,
    /,
    *,
    port: Annotated[int, Parameter(help="Port on 127.0.0.1; 0 is any free one.")] = 0,
    token: Annotated[
        str | None,
        Parameter(
            env_var="EVOLVE_UI_TOKEN",
            help="What the address begins with, for addresses that are to last; random by default.",
        ),
    ] = None,
    open_: Annotated[bool, Parameter(name="--open", help="Open it in this machine's browser.")] = False,
    common: Common = COMMON,
) -> None:
    """Look at every run of a database in a browser: live, afterwards, without the internet.

    Serves on 127.0.0.1 alone, reads the database and never writes it. On another machine, forward the port:
    ssh -L 8700:127.0.0.1:8700 HOST, and --port 8700 there. Ctrl-C ends it.
    """
    from evolve.report import console
    from evolve.web.guard import TOKEN, new_token
    from evolve.web.serve import serve

    named = naming(database, common)
    if token is not None and not TOKEN.fullmatch(token):
        raise SettingsError("--token must have 16 to 128 letters, digits, - or _; leave it out for a random one")

    def ready(address: str) -> None:
        if common.json:
            console.show_json({"url": address})
        else:
            console.show(address)
            console.remark("Ctrl-C ends it")
        sys.stdout.flush()
        if open_:
            import webbrowser

            webbrowser.open(address)

    with reading(named) as store:
        serve(store, port=port, token=token or new_token(), ready=ready)
