// Templates, a lambda and a destructor, inlined into each other: names and places of all in a backtrace.
namespace shapes {

template <typename T>
struct Range {
    const volatile T *first;
    unsigned count;

    T at(unsigned index) const {
        if (index >= count)
            __builtin_trap();
        return first[index];
    }
};

template <typename T, typename F>
T fold(const Range<T> &range, unsigned count, F step) {
    T total{};
    for (unsigned i = 0; i < count; i++)
        total = step(total, range.at(i));
    return total;
}

class Guard {
public:
    explicit Guard(volatile long long &place) : place_(place) {}
    ~Guard() { place_ = 100 / place_; }

private:
    volatile long long &place_;
};

[[gnu::noinline]] long long divide(volatile long long &value) {
    Guard guard(value);
    return value + 1;
}

} // namespace shapes

static volatile long long divisor = 5;
static const volatile int numbers[] = {3, 1, 4, 1, 5};

extern "C" [[clang::export_name("_start")]] void start() {
    shapes::Range<int> range{numbers, 5};
    int sum = shapes::fold(range, 5, [](int total, int next) { return total + next; });
    divisor = sum - 14;
    shapes::divide(divisor);
}
