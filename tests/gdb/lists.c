#include <stdio.h>
#include <stdlib.h>

struct node {
    int value;
    const char *name;
    struct node *next;
};

static int total_calls = 3;

__attribute__((noinline)) static struct node *push(struct node *list, int value, const char *name) {
    struct node *node = malloc(sizeof *node);
    node->value = value;
    node->name = name;
    node->next = list;
    return node;
}

__attribute__((noinline)) static int sum(const struct node *list, double scale) {
    int total = 0;
    for (const struct node *at = list; at; at = at->next) {
        total += at->value;
        total_calls++;
    }
    printf("%.1f\n", total * scale);
    return total;
}

__attribute__((noinline)) static int at(const int *numbers, int index) {
    return numbers[index];
}

int main(int argc, char **argv) {
    struct node local = {40, "local", NULL};
    struct node *list = push(&local, 2, "second");
    list = push(list, -12, "third");
    int numbers[4] = {1, 2, 3, 4};
    int result = sum(list, 1.5);
    printf("%d %d\n", result, total_calls);
    if (argc > 1)
        return at((int *)(0x7ffffff0 + (argc - 2)), argc) + at(numbers, 2);
    return 0;
}
