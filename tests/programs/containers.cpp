// The containers and algorithms of libc++, without exceptions.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

static uint32_t state = 2463534242u;
static uint32_t next() {
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

int main() {
    std::map<std::string, int> ages{{"ada", 36}, {"grace", 85}, {"alan", 41}};
    ages["edsger"] = 72;
    ages.erase("alan");
    for (const auto &[name, age] : ages)
        std::printf("%s %d\n", name.c_str(), age);

    std::unordered_map<uint32_t, uint32_t> counts;
    for (int i = 0; i < 100000; i++)
        counts[next() % 1000]++;
    uint32_t most = 0, which = 0;
    for (const auto &[key, count] : counts)
        if (count > most || (count == most && key < which))
            most = count, which = key;
    std::printf("%zu keys, most frequent %u with %u\n", counts.size(), which, most);

    std::vector<uint32_t> values(20000);
    std::generate(values.begin(), values.end(), next);
    auto copy = values;
    std::sort(values.begin(), values.end());
    std::stable_sort(copy.begin(), copy.end(), [](auto a, auto b) { return a % 1000 < b % 1000; });
    std::printf("%d %u %u %u\n", std::is_sorted(values.begin(), values.end()), values.front(), values[10000], values.back());
    uint64_t order = 0;
    for (auto value : copy)
        order = order * 1099511628211u + value;
    std::printf("%016llx\n", static_cast<unsigned long long>(order));
    std::nth_element(copy.begin(), copy.begin() + 5000, copy.end());
    std::printf("%d\n", copy[5000] == values[5000]);
    std::printf("%llu\n", static_cast<unsigned long long>(std::accumulate(values.begin(), values.end(), uint64_t{0})));

    std::string text;
    for (int i = 0; i < 200; i++)
        text += std::to_string(i * i) + (i % 10 == 9 ? ";" : ",");
    std::printf("%zu %zu %s\n", text.size(), text.find("10000"), text.substr(30, 40).c_str());
    std::string_view view = text;
    size_t fields = std::count(view.begin(), view.end(), ';');
    std::replace(text.begin(), text.end(), ',', ' ');
    std::printf("%zu %s\n", fields, text.substr(0, 20).c_str());

    std::priority_queue<std::pair<int, std::string>> queue;
    for (auto [word, weight] : {std::tuple{"low", 1}, {"high", 9}, {"middle", 5}})
        queue.emplace(weight, word);
    for (; !queue.empty(); queue.pop())
        std::printf("%s ", queue.top().second.c_str());
    std::set<int> squares;
    std::deque<int> deque;
    std::list<int> list;
    for (int i = 0; i < 50; i++) {
        squares.insert(i * i % 47);
        i % 2 ? deque.push_front(i) : deque.push_back(i);
        list.push_back(49 - i);
    }
    list.sort();
    list.reverse();
    std::printf("%zu %d %d %d\n", squares.size(), deque[10], deque.back(), list.front());

    std::vector<std::variant<int, double, std::string>> mixed{1, 2.5, std::string("three")};
    for (const auto &item : mixed)
        std::visit(
            [](const auto &v) {
                if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>)
                    std::printf("string %s\n", v.c_str());
                else
                    std::printf("number %g\n", static_cast<double>(v));
            },
            item);
    auto shared = std::make_shared<std::array<int, 4>>(std::array{1, 2, 3, 4});
    std::weak_ptr weak = shared;
    std::printf("%ld %d ", shared.use_count(), weak.expired());
    shared.reset();
    std::optional<int> none;
    std::printf("%d %d\n", weak.expired(), none.value_or(-1));
    return 0;
}
