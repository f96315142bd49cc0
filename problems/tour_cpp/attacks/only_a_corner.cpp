// expect: wrong
// The right number of cities, but the trip stays between two of them.
#include <cstdio>

int main() {
    int n = 0;
    if (std::scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n; i++) std::printf("%d\n", i % 2);
}
