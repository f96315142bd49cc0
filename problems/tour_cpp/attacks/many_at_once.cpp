// expect: wrong
// Every process has 2 s of CPU time: many processes have many times that.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

int main() {
    for (int helper = 0; helper < 4; helper++) {
        int child = fork();
        if (child < 0) return 7;
        if (child == 0) {
            for (volatile long step = 0; step < 1000000000; step = step + 1) {
            }
            return 0;
        }
    }
    while (wait(nullptr) > 0) {
    }
    int n = 0;
    if (std::scanf("%d", &n) != 1) return 1;
    for (int city = 0; city < n; city++) std::printf("%d\n", city);
}
