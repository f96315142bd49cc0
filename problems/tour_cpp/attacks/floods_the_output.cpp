// expect: wrong | output | memory
// More text than anybody wants to read.
#include <cstdio>

int main() {
    for (long i = 0; i < 4000000; i++) std::printf("%ld\n", i);
}
