// expect: wrong
// -1 is the last city to Python, and 0 to 399 are -400 to -1: all of them, without one being the same number.
#include <cstdio>

int main() {
    int n = 0;
    if (std::scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n; i++) std::printf("%d\n", i < n / 2 ? i : i - n);
}
