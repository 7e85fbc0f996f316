// Exceptions: through frames with and without anything to destroy, by type, thrown again, and out of places that are
// half done. Built in both forms; see build.sh.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

int alive = 0;

// Says when it is destroyed.
struct Noisy {
  std::string name;
  explicit Noisy(std::string given) : name(std::move(given)) { ++alive; }
  Noisy(const Noisy &) = delete;
  ~Noisy() {
    --alive;
    std::printf("  ~%s%s\n", name.c_str(), std::uncaught_exceptions() ? " while unwinding" : "");
  }
};

struct Base : std::exception {
  const char *what() const noexcept override { return "base"; }
};
struct Left : virtual Base {
  const char *what() const noexcept override { return "left"; }
};
struct Right : virtual Base {
  const char *what() const noexcept override { return "right"; }
};
struct Both : Left, Right {
  int payload[16];
  explicit Both(int seed) {
    for (int i = 0; i < 16; ++i) payload[i] = seed * i;
  }
  const char *what() const noexcept override { return "both"; }
};

[[gnu::noinline]] int leaf(int kind) {
  switch (kind) {
  case 0: return 7;
  case 1: throw 42;
  case 2: throw std::string("a string that is too long to be stored in place");
  case 3: throw Both(3);
  case 4: throw std::out_of_range("range");
  case 5: throw Right();
  case 6: throw 2.5;
  case 7: throw static_cast<const char *>("literal");
  default: return std::vector<int>{1, 2, 3}.at(static_cast<std::size_t>(kind));
  }
}

[[gnu::noinline]] int plain(int kind) { return leaf(kind) + 1; }

[[gnu::noinline]] int with_destructor(int kind) {
  Noisy noisy("with_destructor");
  return plain(kind) + 1;
}

[[gnu::noinline]] int with_two(int kind) {
  Noisy first("first");
  int sum = with_destructor(kind);
  Noisy second("second");
  return sum + with_destructor(0);
}

struct Step {
  virtual ~Step() = default;
  virtual int run(int kind) = 0;
};
struct Direct : Step {
  int run(int kind) override { return with_two(kind); }
};
struct Filtered : Step {
  // What it cannot handle goes on, and a range error becomes another one.
  int run(int kind) override try {
    return Direct().run(kind);
  } catch (const std::out_of_range &error) {
    std::printf("  filtered %s\n", error.what());
    std::throw_with_nested(std::runtime_error("wrapped"));
  }
};

const char *describe(int kind) {
  static std::string text;
  std::unique_ptr<Step> step = std::make_unique<Filtered>();
  std::function<int(int)> call = [&](int k) { return step->run(k); };
  try {
    text = "returned " + std::to_string(call(kind));
  } catch (int value) {
    text = "int " + std::to_string(value);
  } catch (const Left &error) {
    text = std::string("left: ") + error.what() + " " + std::to_string(dynamic_cast<const Both &>(error).payload[5]);
  } catch (const Base &error) {
    text = std::string("base: ") + error.what();
  } catch (const std::runtime_error &error) {
    text = std::string("runtime error: ") + error.what();
    try {
      std::rethrow_if_nested(error);
    } catch (const std::exception &nested) {
      text += std::string(" from ") + nested.what();
    }
  } catch (const std::string &value) {
    text = "string " + value;
  } catch (const char *value) {
    text = std::string("literal ") + value;
  } catch (...) {
    text = "something else";
  }
  return text.c_str();
}

// An array whose fourth element cannot be made.
struct Element {
  Noisy noisy;
  static inline int made = 0;
  Element() : noisy("element " + std::to_string(made)) {
    if (++made == 4) throw made;
  }
};

// A destructor that throws and catches while another exception is on its way.
struct Busy {
  ~Busy() {
    try {
      leaf(2);
    } catch (const std::string &value) {
      std::printf("  caught %zu letters in a destructor\n", value.size());
    }
  }
};

int depth_of(int depth) {
  Noisy *noisy = depth % 250 == 0 ? new Noisy("depth " + std::to_string(depth)) : nullptr;
  std::unique_ptr<Noisy> owner(noisy);
  if (depth == 1000) throw depth;
  return depth_of(depth + 1) + 1;
}

std::exception_ptr kept() {
  try {
    leaf(3);
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

// Finally, many: each iteration throws through two frames, and its value matters.
unsigned churn(int count) {
  unsigned hash = 2166136261u;
  for (int i = 0; i < count; ++i) {
    try {
      std::unique_ptr<int> number = std::make_unique<int>(i);
      if (plain(i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : 3) == 8) hash += 8;
    } catch (int value) {
      hash ^= static_cast<unsigned>(value + i);
    } catch (const Both &both) {
      hash ^= static_cast<unsigned>(both.payload[i % 16]);
    }
    hash *= 16777619u;
  }
  return hash;
}

} // namespace

int main() {
  for (int kind = 0; kind < 9; ++kind) std::printf("%d: %s\n", kind, describe(kind));
  try {
    std::unique_ptr<Element[]> elements(new Element[6]);
  } catch (int made) {
    std::printf("%d made, %d alive\n", made, alive);
  }
  try {
    Busy busy;
    leaf(5);
  } catch (const Base &error) {
    std::printf("after it: %s\n", error.what());
  }
  try {
    depth_of(0);
  } catch (int depth) {
    std::printf("from depth %d\n", depth);
  }
  try {
    std::rethrow_exception(kept());
  } catch (const Both &both) {
    std::printf("kept: %s %d\n", both.what(), both.payload[15]);
  }
  try {
    try {
      leaf(1);
    } catch (...) {
      Noisy noisy("handler");
      throw;
    }
  } catch (int value) {
    std::printf("thrown again: %d\n", value);
  }
  std::map<std::string, int> counts;
  for (const char *word : {"one", "two", "x", "three", "99999999999"}) {
    try {
      if (word[0] == 'x') throw std::invalid_argument(word);
      if (word[0] == '9') throw std::length_error(word);
      ++counts[word];
    } catch (const std::logic_error &error) {
      ++counts[std::string("error: ") + error.what()];
    }
  }
  for (const auto &[word, count] : counts) std::printf("%s %d\n", word.c_str(), count);
  std::printf("%08x, %d alive\n", churn(200000), alive);
  std::set_terminate([] {
    std::puts("terminated");
    std::fflush(stdout);
    std::_Exit(9);
  });
  struct Last {
    static void not_thrown() noexcept { leaf(6); }
  };
  Last::not_thrown();
}
