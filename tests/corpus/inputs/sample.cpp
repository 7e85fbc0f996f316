// Templates, containers and lambdas for a compiler to chew on.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

template <typename T> concept Number = requires(T a) { a + a; a * a; };

template <Number T, size_t N> struct Polynomial {
    T terms[N];
    constexpr T operator()(T x) const {
        T value{};
        for (size_t i = N; i-- > 0;)
            value = value * x + terms[i];
        return value;
    }
};

struct Visitor {
    virtual ~Visitor() = default;
    virtual void visit(const std::string &name, int value) = 0;
};

struct Printer final : Visitor {
    std::ostream &out;
    explicit Printer(std::ostream &out) : out(out) {}
    void visit(const std::string &name, int value) override { out << name << '=' << value << '\n'; }
};

static_assert(Polynomial<int, 3>{{1, 2, 3}}(2) == 17);

int main() {
    std::map<std::string, std::vector<int>> table;
    for (int i = 0; i < 30; i++)
        table[std::to_string(i % 7)].push_back(i * i);
    std::unique_ptr<Visitor> visitor = std::make_unique<Printer>(std::cout);
    std::function<int(int)> square = [&](int x) { return x * x + static_cast<int>(table.size()); };
    for (auto &[key, values] : table) {
        std::ranges::sort(values, std::greater<>{});
        visitor->visit(key, square(values.front()));
    }
    std::cout << Polynomial<double, 4>{{1, 0.5, 0.25, 0.125}}(3) << std::endl;
}
