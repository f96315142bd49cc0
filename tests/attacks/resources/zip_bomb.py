# what: a megabyte that unpacks to a gigabyte
# expect: memory
# limits: wall=10 cpu=10

import zlib


def solve(numbers):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return len(zlib.decompress(block * 1024 + packer.flush(), -15))
