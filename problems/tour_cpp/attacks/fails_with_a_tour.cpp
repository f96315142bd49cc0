// expect: wrong
// A whole tour, and then the end of a program that broke: what was printed before is not to be trusted.
#include <cstdio>

int main() {
    int n = 0;
    if (std::scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n; i++) std::printf("%d\n", i);
    return 3;
}
