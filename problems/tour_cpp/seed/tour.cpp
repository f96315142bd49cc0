// A short round trip through all cities: nearest neighbour, then a little polish.
// Of the headers that compile fast: <vector> and <algorithm> triple the time a candidate takes.
#include <math.h>
#include <stdio.h>

static const int MOST = 1000;  // cities there may be
static double x[MOST], y[MOST];
static int tour[MOST], n;

static double distance(int a, int b) { return hypot(x[a] - x[b], y[a] - y[b]); }

static void reverse(int first, int last) {
    for (; first < last; first++, last--) {
        int city = tour[first];
        tour[first] = tour[last];
        tour[last] = city;
    }
}

// EVOLVE-BLOCK-START
const int WINDOW = 10;  // the longest stretch that is tried in reverse
const int ROUNDS = 2;   // how often the polish goes round
const int STARTS = 2;   // cities a trip is begun from; the shortest one counts

static void nearest_neighbour(int here) {
    bool seen[MOST] = {};
    for (int count = 0; count < n; count++) {
        tour[count] = here;
        seen[here] = true;
        int best = -1;
        double least = 0;
        for (int city = 0; city < n; city++) {
            if (seen[city]) continue;
            double cost = distance(here, city);
            if (best < 0 || cost < least) {
                best = city;
                least = cost;
            }
        }
        here = best;
    }
}

static void polish() {
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i + 1 < n; i++) {
            for (int j = i + 1; j < n && j - i <= WINDOW; j++) {
                int a = tour[i], b = tour[i + 1], c = tour[j], d = tour[(j + 1) % n];
                if (distance(a, c) + distance(b, d) < distance(a, b) + distance(c, d) - 1e-9) {
                    reverse(i + 1, j);
                }
            }
        }
    }
}

static void solve() {
    static int best[MOST];
    double least = 0;
    for (int start = 0; start < STARTS && start < n; start++) {
        nearest_neighbour(start);
        polish();
        double length = distance(tour[n - 1], tour[0]);
        for (int i = 1; i < n; i++) length += distance(tour[i - 1], tour[i]);
        if (start == 0 || length < least) {
            least = length;
            for (int i = 0; i < n; i++) best[i] = tour[i];
        }
    }
    for (int i = 0; i < n; i++) tour[i] = best[i];
}
// EVOLVE-BLOCK-END

int main() {
    if (scanf("%d", &n) != 1 || n > MOST) return 1;
    for (int city = 0; city < n; city++) {
        if (scanf("%lf %lf", &x[city], &y[city]) != 2) return 1;
    }
    solve();
    for (int place = 0; place < n; place++) printf("%d\n", tour[place]);
}
