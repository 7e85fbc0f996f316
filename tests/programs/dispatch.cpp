// Virtual calls, multiple inheritance, member pointers, std::function, and the order of construction and destruction.
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

struct Announcer {
    const char *name;
    explicit Announcer(const char *name) : name(name) { std::printf("+%s\n", name); }
    ~Announcer() { std::printf("-%s\n", name); }
};

static Announcer first("first global");
static Announcer second("second global");

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
    virtual const char *name() const { return "shape"; }
};
struct Named {
    virtual ~Named() = default;
    virtual int label() const { return 1; }
};
struct Square : Shape {
    double side;
    explicit Square(double side) : side(side) {}
    double area() const override { return side * side; }
    const char *name() const override { return "square"; }
};
struct Circle : Shape, Named {
    double radius;
    explicit Circle(double radius) : radius(radius) {}
    double area() const override { return 3.0 * radius * radius; }
    int label() const override { return static_cast<int>(radius) + 100; }
};
struct Diamond : virtual Shape {
    double area() const override { return 0.5; }
};
struct Tilted : Diamond, virtual Named {
    int label() const override { return 7; }
};

static int chain(const std::vector<std::function<int(int)>> &steps, int value) {
    for (const auto &step : steps)
        value = step(value);
    return value;
}

int main() {
    Announcer local("local");
    static Announcer lazy("static in main");
    std::vector<std::unique_ptr<Shape>> shapes;
    for (int i = 1; i <= 6; i++) {
        if (i % 3 == 0)
            shapes.push_back(std::make_unique<Tilted>());
        else if (i % 2)
            shapes.push_back(std::make_unique<Square>(i));
        else
            shapes.push_back(std::make_unique<Circle>(i));
    }
    double total = 0;
    int labels = 0;
    for (const auto &shape : shapes) {
        total += shape->area();
        std::printf("%s ", shape->name());
        if (auto *named = dynamic_cast<Named *>(shape.get()))
            labels += named->label();
    }
    std::printf("%g %d\n", total, labels);

    int offset = 5;
    std::vector<std::function<int(int)>> steps{[](int x) { return x * 2; }, [offset](int x) { return x + offset; }};
    steps.push_back([steps](int x) { return steps[0](steps[1](x)) - 3; });
    std::printf("%d\n", chain(steps, 10));
    double (Shape::*member)() const = &Shape::area;
    double Square::*field = &Square::side;
    Square square(4);
    std::printf("%g %g\n", (static_cast<Shape &>(square).*member)(), square.*field);
    return 3;
}
