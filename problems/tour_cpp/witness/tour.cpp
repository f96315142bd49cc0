// Or-opt: greedy start by nearest neighbour, then 2-opt and Or-opt moves on neighbour lists until none helps; then many small
// kicks (a double bridge among cities that lie close together), each mended locally and undone when the tour got longer.
// It counts kicks and not seconds, so it gives the same tours everywhere.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

struct City {
    double x, y;
};

static const int NEAR = 8;         // cities looked at around each
static const int KICKS = 40000;    // 0.4 to 0.8 s for 500 cities
static const int SPREAD = 100;     // cities of the tour within which a kick stays

static uint64_t state = 88172645463325252ULL;
static int below(int n) {  // xorshift, Marsaglia (2003)
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)((state >> 11) % (uint64_t)n);
}

struct Tour {
    int n;
    const std::vector<City> &cities;
    std::vector<double> table;  // all distances
    std::vector<int> order, place;
    std::vector<std::vector<int>> near;
    std::vector<std::pair<int, int>> undo;  // reversals since the last kick
    std::vector<int> queue;
    std::vector<char> queued;

    explicit Tour(const std::vector<City> &given)
        : n(given.size()), cities(given), table((size_t)n * n), place(n), near(n), queued(n, 0) {
        for (int a = 0; a < n; a++)
            for (int b = 0; b < n; b++)
                table[(size_t)a * n + b] = std::hypot(cities[a].x - cities[b].x, cities[a].y - cities[b].y);
        int reach = std::min(NEAR, n - 1);
        for (int a = 0; a < n; a++) {
            std::vector<int> others;
            for (int b = 0; b < n; b++)
                if (b != a) others.push_back(b);
            std::partial_sort(others.begin(), others.begin() + reach, others.end(),
                              [&](int b, int c) { return d(a, b) < d(a, c); });
            near[a].assign(others.begin(), others.begin() + reach);
        }
        nearest_neighbour();
    }

    double d(int a, int b) const { return table[(size_t)a * n + b]; }
    int next(int a) const { return order[place[a] + 1 == n ? 0 : place[a] + 1]; }
    int prev(int a) const { return order[place[a] == 0 ? n - 1 : place[a] - 1]; }

    void nearest_neighbour() {
        std::vector<char> seen(n, 0);
        int here = 0;
        for (int count = 0; count < n; count++) {
            order.push_back(here);
            place[here] = count;
            seen[here] = 1;
            int best = -1;
            for (int city = 0; city < n; city++)
                if (!seen[city] && (best < 0 || d(here, city) < d(here, best))) best = city;
            here = best;
        }
    }

    int count(int i, int j) const { return j >= i ? j - i + 1 : j - i + 1 + n; }

    // Reverse the stretch from place i to place j, round the end if need be.
    void reverse(int i, int j) {
        undo.push_back({i, j});
        for (int steps = count(i, j) / 2; steps > 0; steps--) {
            std::swap(order[i], order[j]);
            place[order[i]] = i;
            place[order[j]] = j;
            i = i + 1 == n ? 0 : i + 1;
            j = j == 0 ? n - 1 : j - 1;
        }
    }

    void push(int city) {
        if (!queued[city]) {
            queued[city] = 1;
            queue.push_back(city);
        }
    }

    // Edges (a, next a) and (b, next b) become (a, b) and (next a, next b).
    void two_opt(int a, int b) {
        int after = next(a), beyond = next(b);
        if (2 * count(place[after], place[b]) <= n) reverse(place[after], place[b]);
        else reverse(place[beyond], place[a]);  // the rest of the tour: the same trip, walked the other way
        for (int city : {a, b, after, beyond}) push(city);
    }

    double try_two_opt(int a) {
        for (int forward = 1; forward >= 0; forward--) {
            int c = forward ? next(a) : prev(a);
            double ac = d(a, c);
            for (int b : near[a]) {
                double ab = d(a, b);
                if (ab >= ac) break;
                int e = forward ? next(b) : prev(b);
                if (b == c || e == a) continue;
                double delta = ab + d(c, e) - ac - d(b, e);
                if (delta < -1e-7) {
                    if (forward) two_opt(a, b);
                    else two_opt(e, c);
                    return delta;
                }
            }
        }
        return 0;
    }

    // Move a stretch of up to three cities that begins or ends in a between b and one of its neighbours: three reversals.
    double try_or_opt(int a) {
        for (int forward = 1; forward >= 0; forward--) {
            int end = a;
            for (int size = 1; size <= 3; size++, end = forward ? next(end) : prev(end)) {
                int left = forward ? prev(a) : next(a), right = forward ? next(end) : prev(end);
                if (left == right || right == a) break;
                double gain = d(left, a) + d(end, right) - d(left, right);
                if (gain <= 1e-7) continue;
                for (int b : near[a]) {
                    double ab = d(a, b);
                    if (ab >= gain) break;
                    if (inside(b, a, end, forward)) continue;
                    for (int side = 0; side < 2; side++) {
                        int e = side ? next(b) : prev(b);
                        if (inside(e, a, end, forward)) continue;
                        double delta = ab + d(end, e) - d(b, e) - gain;
                        if (delta < -1e-7) {
                            move(a, end, left, right, b, e, forward);
                            for (int city : {a, end, left, right, b, e}) push(city);
                            return delta;
                        }
                    }
                }
            }
        }
        return 0;
    }

    bool inside(int city, int a, int end, bool forward) const {
        int from = forward ? place[a] : place[end], size = forward ? place[end] - place[a] : place[a] - place[end];
        if (size < 0) size += n;
        int offset = place[city] - from;
        if (offset < 0) offset += n;
        return offset <= size;
    }

    // The stretch s..t (in the direction of the tour, p before it, q after it) goes between b and e, with a next to b.
    void move(int a, int end, int left, int right, int b, int e, bool forward) {
        int s = forward ? a : end, t = forward ? end : a, p = forward ? left : right, q = forward ? right : left;
        bool behind = next(b) == e;
        int u = behind ? b : e, v = behind ? e : b;  // the edge u -> v
        int first = behind ? a : end;                // comes right behind u
        if (2 * count(place[s], place[u]) <= n) {
            reverse(place[s], place[u]);  // p s..t q..u v  ->  p u..q t..s v
            reverse(place[u], place[q]);  // p q..u t..s v
        } else {
            reverse(place[v], place[t]);  // u v..p s..t q  ->  u t..s p..v q
            reverse(place[p], place[v]);  // u t..s v..p q
        }
        if (next(u) != first) reverse(place[t], place[s]);
    }

    double mend() {
        double change = 0;
        while (!queue.empty()) {
            int city = queue.back();
            queue.pop_back();
            queued[city] = 0;
            for (;;) {
                double delta = try_two_opt(city);
                if (delta == 0) delta = try_or_opt(city);
                if (delta == 0) break;
                change += delta;
            }
        }
        return change;
    }

    // A double bridge a..b..c..d within a short stretch of the tour, made of three reversals.
    double kick() {
        int spread = std::min(SPREAD, n - 2), start = below(n);
        int cut[3] = {below(spread), below(spread), below(spread)};
        std::sort(cut, cut + 3);
        if (cut[0] == cut[1] || cut[1] == cut[2]) return 0;
        int i = (start + cut[0]) % n, j = (start + cut[1]) % n, k = (start + cut[2]) % n;
        int a = order[i], a2 = next(a), b = order[j], b2 = next(b), c = order[k], c2 = next(c);
        double delta = d(a, b2) + d(c, a2) + d(b, c2) - d(a, a2) - d(b, b2) - d(c, c2);
        reverse(place[a2], place[c]);  // a c..b2 b..a2 c2
        reverse(place[c], place[b2]);  // a b2..c b..a2 c2
        reverse(place[b], place[a2]);  // a b2..c a2..b c2
        for (int city : {a, a2, b, b2, c, c2}) push(city);
        return delta;
    }

    void improve() {
        for (int city = n - 1; city >= 0; city--) push(city);
        mend();
        for (int turn = 0; n >= 8 && turn < KICKS; turn++) {
            undo.clear();
            double change = kick();
            change += mend();
            if (change > 1e-7) {
                std::vector<std::pair<int, int>> done;
                done.swap(undo);
                for (size_t at = done.size(); at-- > 0;) reverse(done[at].first, done[at].second);
            }
        }
    }
};

int main() {
    int n = 0;
    if (std::scanf("%d", &n) != 1) return 1;
    std::vector<City> cities(n);
    for (City &city : cities)
        if (std::scanf("%lf %lf", &city.x, &city.y) != 2) return 1;
    Tour tour(cities);
    tour.improve();
    for (int city : tour.order) std::printf("%d\n", city);
}
