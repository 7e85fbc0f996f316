// Streams, regular expressions, locales and containers of libc++ in one report over a text.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <complex>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <numeric>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

struct Matrix {
    size_t size;
    std::vector<double> cells;
    explicit Matrix(size_t size) : size(size), cells(size * size) {}
    double &operator()(size_t i, size_t j) { return cells[i * size + j]; }
    double operator()(size_t i, size_t j) const { return cells[i * size + j]; }
    Matrix operator*(const Matrix &other) const {
        Matrix product(size);
        for (size_t i = 0; i < size; i++)
            for (size_t k = 0; k < size; k++)
                for (size_t j = 0; j < size; j++)
                    product(i, j) += (*this)(i, k) * other(k, j);
        return product;
    }
};

// Debian's libc++ for WASI has no file streams.
int main() {
    std::map<std::string, int> frequency;
    std::regex word("[A-Za-z_][A-Za-z0-9_]*"), declaration(R"(^\s*(\w+)\s+\*?(\w+)\s*=)");
    std::string line;
    int lines = 0, declarations = 0;
    while (std::getline(std::cin, line)) {
        lines++;
        for (std::sregex_iterator match(line.begin(), line.end(), word), end; match != end; ++match)
            frequency[match->str()]++;
        std::smatch parts;
        if (std::regex_search(line, parts, declaration) && ++declarations <= 5)
            std::cout << std::setw(8) << parts[1] << ' ' << parts[2] << '\n';
    }
    std::vector<std::pair<std::string, int>> ranked(frequency.begin(), frequency.end());
    std::sort(ranked.begin(), ranked.end(), [](auto &a, auto &b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    std::cout << lines << " lines, " << ranked.size() << " words\n";
    for (size_t i = 0; i < std::min<size_t>(10, ranked.size()); i++)
        std::cout << std::left << std::setw(20) << ranked[i].first << std::right << std::setw(6) << ranked[i].second << '\n';

    std::mt19937_64 engine(20240607);
    std::uniform_real_distribution<double> uniform(-1, 1);
    Matrix a(96), b(96);
    for (auto &cell : a.cells)
        cell = uniform(engine);
    for (auto &cell : b.cells)
        cell = uniform(engine);
    Matrix product = a * b;
    double trace = 0;
    for (size_t i = 0; i < product.size; i++)
        trace += product(i, i);
    std::cout << std::setprecision(17) << trace << ' ' << std::hexfloat << trace << std::defaultfloat << '\n';
    std::vector<std::complex<double>> signal(256);
    for (size_t i = 0; i < signal.size(); i++)
        signal[i] = std::polar(1.0 + i % 7, i * 0.1);
    auto sum = std::accumulate(signal.begin(), signal.end(), std::complex<double>{});
    std::cout << std::fixed << std::setprecision(9) << sum << '\n';
    std::shuffle(ranked.begin(), ranked.end(), engine);
    std::ostringstream joined;
    for (size_t i = 0; i < std::min<size_t>(8, ranked.size()); i++)
        joined << (i ? "," : "") << ranked[i].first;
    std::cout << joined.str() << '\n' << std::hash<std::string>{}(joined.str()) << '\n';
    std::istringstream fields("3.25 17 0x1f word");
    double x;
    int n;
    std::string rest;
    fields >> x >> n;
    std::getline(fields, rest);
    std::cout << x << ' ' << n << " [" << rest << "]\n";
    std::unordered_multimap<int, std::string> by_length;
    for (auto &[text, count] : ranked)
        by_length.emplace(text.size(), text);
    std::multiset<std::string> four;
    for (auto [at, end] = by_length.equal_range(4); at != end; ++at)
        four.insert(at->second);
    std::copy(four.begin(), four.end(), std::ostream_iterator<std::string>(std::cout, " "));
    std::cout << std::endl;
    return 0;
}
