// A register machine with a large switch runs a prime sieve, the Collatz problem and a sort.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum op {
    LOADI, MOVE, ADD, SUB, MUL, DIV, MOD, AND, OR, XOR, SHL, SHR, NOT, NEG, ADDI, LOAD, STORE, JUMP, JZ, JNZ, JLT, JLE, JEQ, JNE, CALL, RET,
    PRINT, PUSH, POP, INC, DEC, SWAP, MIN, MAX, ABS, SQUARE, HALVE, ODD, NOP, HALT
};

struct instruction {
    uint8_t op, a, b, c;
    int32_t immediate;
};

static int64_t registers[16], stack[256], memory[20000];
static uint64_t executed;

static void run(const struct instruction *program) {
    int sp = 0;
    for (int pc = 0;;) {
        struct instruction i = program[pc++];
        int64_t *r = registers;
        executed++;
        switch ((enum op)i.op) {
        case LOADI: r[i.a] = i.immediate; break;
        case MOVE: r[i.a] = r[i.b]; break;
        case ADD: r[i.a] = r[i.b] + r[i.c]; break;
        case SUB: r[i.a] = r[i.b] - r[i.c]; break;
        case MUL: r[i.a] = r[i.b] * r[i.c]; break;
        case DIV: r[i.a] = r[i.b] / r[i.c]; break;
        case MOD: r[i.a] = r[i.b] % r[i.c]; break;
        case AND: r[i.a] = r[i.b] & r[i.c]; break;
        case OR: r[i.a] = r[i.b] | r[i.c]; break;
        case XOR: r[i.a] = r[i.b] ^ r[i.c]; break;
        case SHL: r[i.a] = (int64_t)((uint64_t)r[i.b] << (r[i.c] & 63)); break;
        case SHR: r[i.a] = r[i.b] >> (r[i.c] & 63); break;
        case NOT: r[i.a] = ~r[i.b]; break;
        case NEG: r[i.a] = -r[i.b]; break;
        case ADDI: r[i.a] = r[i.b] + i.immediate; break;
        case LOAD: r[i.a] = memory[r[i.b] + i.immediate]; break;
        case STORE: memory[r[i.b] + i.immediate] = r[i.a]; break;
        case JUMP: pc = i.immediate; break;
        case JZ: if (!r[i.a]) pc = i.immediate; break;
        case JNZ: if (r[i.a]) pc = i.immediate; break;
        case JLT: if (r[i.a] < r[i.b]) pc = i.immediate; break;
        case JLE: if (r[i.a] <= r[i.b]) pc = i.immediate; break;
        case JEQ: if (r[i.a] == r[i.b]) pc = i.immediate; break;
        case JNE: if (r[i.a] != r[i.b]) pc = i.immediate; break;
        case CALL: stack[sp++] = pc; pc = i.immediate; break;
        case RET: pc = (int)stack[--sp]; break;
        case PRINT: printf("%lld\n", (long long)r[i.a]); break;
        case PUSH: stack[sp++] = r[i.a]; break;
        case POP: r[i.a] = stack[--sp]; break;
        case INC: r[i.a]++; break;
        case DEC: r[i.a]--; break;
        case SWAP: { int64_t t = r[i.a]; r[i.a] = r[i.b]; r[i.b] = t; break; }
        case MIN: r[i.a] = r[i.b] < r[i.c] ? r[i.b] : r[i.c]; break;
        case MAX: r[i.a] = r[i.b] > r[i.c] ? r[i.b] : r[i.c]; break;
        case ABS: r[i.a] = r[i.b] < 0 ? -r[i.b] : r[i.b]; break;
        case SQUARE: r[i.a] = r[i.b] * r[i.b]; break;
        case HALVE: r[i.a] = r[i.b] / 2; break;
        case ODD: r[i.a] = r[i.b] & 1; break;
        case NOP: break;
        case HALT: return;
        default: abort();
        }
    }
}

// Counts the primes below 20000 in r0.
static const struct instruction sieve[] = {
    {LOADI, 1, 0, 0, 2},     {LOADI, 2, 0, 0, 20000}, {LOADI, 0, 0, 0, 0}, {LOAD, 3, 1, 0, 0},  {JNZ, 3, 0, 0, 11}, {INC, 0, 0, 0, 0},
    {SQUARE, 4, 1, 0, 0},    {LOADI, 5, 0, 0, 1},     {JLE, 2, 4, 0, 11},  {STORE, 5, 4, 0, 0}, {JUMP, 0, 0, 0, 13}, {INC, 1, 0, 0, 0},
    {JUMP, 0, 0, 0, 15},     {ADD, 4, 4, 1, 0},       {JUMP, 0, 0, 0, 8},  {JLT, 1, 2, 0, 3},   {PRINT, 0, 0, 0, 0}, {HALT, 0, 0, 0, 0}};

// The longest Collatz chain that starts below 30000: the start and its length.
static const struct instruction collatz[] = {
    {LOADI, 1, 0, 0, 1},  {LOADI, 2, 0, 0, 30000}, {LOADI, 6, 0, 0, 0}, {LOADI, 9, 0, 0, 1},  {CALL, 0, 0, 0, 11}, {JLE, 4, 6, 0, 8},
    {MOVE, 6, 4, 0, 0},   {MOVE, 7, 1, 0, 0},      {INC, 1, 0, 0, 0},   {JLT, 1, 2, 0, 4},    {JUMP, 0, 0, 0, 21}, {MOVE, 3, 1, 0, 0},
    {LOADI, 4, 0, 0, 0},  {JEQ, 3, 9, 0, 20},      {ODD, 5, 3, 0, 0},   {HALVE, 8, 3, 0, 0},  {JZ, 5, 0, 0, 18},   {ADD, 8, 3, 3, 0},
    {INC, 4, 0, 0, 0},    {JUMP, 0, 0, 0, 24},     {RET, 0, 0, 0, 0},   {PRINT, 7, 0, 0, 0},  {PRINT, 6, 0, 0, 0}, {HALT, 0, 0, 0, 0},
    {JZ, 5, 0, 0, 27},    {ADD, 8, 8, 3, 0},       {ADDI, 8, 8, 0, 1},  {MOVE, 3, 8, 0, 0},   {JUMP, 0, 0, 0, 13}};

// Fills memory[0..300] with a generator, sorts it by insertion and prints every fiftieth value.
static const struct instruction sort[] = {
    {LOADI, 1, 0, 0, 0},       {LOADI, 2, 0, 0, 300},    {LOADI, 3, 0, 0, 1},     {LOADI, 4, 0, 0, 1103515245}, {LOADI, 5, 0, 0, 0x7fffffff},
    {MUL, 3, 3, 4, 0},         {ADDI, 3, 3, 0, 12345},   {AND, 3, 3, 5, 0},       {STORE, 3, 1, 0, 0},          {INC, 1, 0, 0, 0},
    {JLT, 1, 2, 0, 5},         {LOADI, 1, 0, 0, 1},      {MOVE, 6, 1, 0, 0},      {LOAD, 7, 1, 0, 0},           {JZ, 6, 0, 0, 20},
    {LOAD, 8, 6, 0, -1},       {JLE, 8, 7, 0, 20},       {STORE, 8, 6, 0, 0},     {DEC, 6, 0, 0, 0},            {JUMP, 0, 0, 0, 14},
    {STORE, 7, 6, 0, 0},       {INC, 1, 0, 0, 0},        {JLT, 1, 2, 0, 12},      {LOADI, 1, 0, 0, 0},          {LOAD, 7, 1, 0, 0},
    {PRINT, 7, 0, 0, 0},       {ADDI, 1, 1, 0, 50},      {JLT, 1, 2, 0, 24},      {HALT, 0, 0, 0, 0}};

int main(void) {
    run(sieve);
    run(collatz);
    run(sort);
    printf("%llu instructions\n", (unsigned long long)executed);
    return 0;
}
