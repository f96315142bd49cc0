// expect: wrong
// Numbers that int() of Python reads and nobody else: 1_0 is ten, +1 is one.
#include <cstdio>

int main() {
    int n = 0;
    if (std::scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n; i++) {
        if (i < 10) std::printf("+%d\n", i);
        else std::printf("%d_%d\n", i / 10, i % 10);
    }
}
