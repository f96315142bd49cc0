def side():
    return 2
