// A short round trip through all cities: nearest neighbour, then a little polish.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

struct City {
    double x, y;
};

static double distance(const City &a, const City &b) { return std::hypot(a.x - b.x, a.y - b.y); }

// EVOLVE-BLOCK-START
const int WINDOW = 8;  // the longest stretch that is tried in reverse
const int ROUNDS = 1;  // how often the polish goes round

static std::vector<int> nearest_neighbour(const std::vector<City> &cities) {
    int n = cities.size();
    std::vector<int> tour{0};
    std::vector<char> seen(n, 0);
    seen[tour[0]] = 1;
    while ((int)tour.size() < n) {
        int here = tour.back(), best = -1;
        double least = 0;
        for (int city = 0; city < n; city++) {
            if (seen[city]) continue;
            double cost = distance(cities[here], cities[city]);
            if (best < 0 || cost < least) {
                best = city;
                least = cost;
            }
        }
        seen[best] = 1;
        tour.push_back(best);
    }
    return tour;
}

static void polish(const std::vector<City> &cities, std::vector<int> &tour) {
    int n = tour.size();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i + 1 < n; i++) {
            for (int j = i + 1; j < n && j - i <= WINDOW; j++) {
                const City &a = cities[tour[i]], &b = cities[tour[i + 1]];
                const City &c = cities[tour[j]], &d = cities[tour[(j + 1) % n]];
                if (distance(a, c) + distance(b, d) < distance(a, b) + distance(c, d) - 1e-9) {
                    std::reverse(tour.begin() + i + 1, tour.begin() + j + 1);
                }
            }
        }
    }
}

static std::vector<int> solve(const std::vector<City> &cities) {
    std::vector<int> tour = nearest_neighbour(cities);
    polish(cities, tour);
    return tour;
}
// EVOLVE-BLOCK-END

int main() {
    int n = 0;
    if (std::scanf("%d", &n) != 1) return 1;
    std::vector<City> cities(n);
    for (City &city : cities) {
        if (std::scanf("%lf %lf", &city.x, &city.y) != 2) return 1;
    }
    for (int city : solve(cities)) std::printf("%d\n", city);
}
