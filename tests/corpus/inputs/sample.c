// Something of most of C for a compiler to chew on.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct node {
    struct node *left, *right;
    uint64_t key;
    union { double number; char text[16]; } value;
    unsigned kind : 2;
} node;

static node *insert(node *root, uint64_t key, double number) {
    if (!root) {
        root = calloc(1, sizeof *root);
        root->key = key;
        root->value.number = number;
        root->kind = key & 3;
        return root;
    }
    if (key < root->key)
        root->left = insert(root->left, key, number);
    else
        root->right = insert(root->right, key, number);
    return root;
}

static double total(const node *root) {
    return root ? total(root->left) + root->value.number + total(root->right) : 0;
}

static int compare(const void *a, const void *b) {
    return memcmp(a, b, sizeof(double));
}

int classify(int c) {
    switch (c) {
    case 'a' ... 'f': return 1;
    case '0': case '2': case '4': return 2;
    case 17: return 3;
    case 1000: goto far;
    default: return c % 7;
    }
far:
    return _Generic(c, int: 4, long: 5, default: 6);
}

void transpose(float *restrict to, const float *restrict from, int n) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            to[j * n + i] = sqrtf(from[i * n + j]) * 0.5f + (float)i;
}

int main(int argc, char **argv) {
    node *root = NULL;
    double values[64];
    for (int i = 0; i < 64; i++) {
        values[i] = sin(i) * exp(-i / 10.0);
        root = insert(root, (uint64_t)(i * 2654435761u), values[i]);
    }
    qsort(values, 64, sizeof *values, compare);
    printf("%g %g %d %s\n", total(root), values[argc], classify(argc), argv[0]);
    return 0;
}
