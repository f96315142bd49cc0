# what: never gets done with being imported
# expect: timeout
# limits: wall=0.3

while True:
    pass
