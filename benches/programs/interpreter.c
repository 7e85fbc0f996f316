// A bytecode interpreter: one switch in a loop, a stack, locals, jumps and calls.
#include "bench.h"

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, AND, XOR, SHL, SHR, LESS, EQUAL, JUMP, JUMP_IF, DUP, DROP, SWAP, READ, WRITE, CALL,
       RETURN, HALT };

static int32_t memory[256];
static int32_t code[128];
static int length;

static int64_t run(int32_t argument) {
  int32_t stack[64], locals[16] = {argument};
  int32_t returns[16];
  int sp = 0, pc = 0, depth = 0;
  int64_t steps = 0;
  for (;;) {
    steps++;
    int32_t a;
    switch (code[pc++]) {
      case PUSH: stack[sp++] = code[pc++]; break;
      case LOAD: stack[sp++] = locals[code[pc++]]; break;
      case STORE: locals[code[pc++]] = stack[--sp]; break;
      case ADD: a = stack[--sp]; stack[sp - 1] = (int32_t)((uint32_t)stack[sp - 1] + (uint32_t)a); break;
      case SUB: a = stack[--sp]; stack[sp - 1] = (int32_t)((uint32_t)stack[sp - 1] - (uint32_t)a); break;
      case MUL: a = stack[--sp]; stack[sp - 1] = (int32_t)((uint32_t)stack[sp - 1] * (uint32_t)a); break;
      case AND: a = stack[--sp]; stack[sp - 1] &= a; break;
      case XOR: a = stack[--sp]; stack[sp - 1] ^= a; break;
      case SHL: a = stack[--sp]; stack[sp - 1] = (int32_t)((uint32_t)stack[sp - 1] << (a & 31)); break;
      case SHR: a = stack[--sp]; stack[sp - 1] = (int32_t)((uint32_t)stack[sp - 1] >> (a & 31)); break;
      case LESS: a = stack[--sp]; stack[sp - 1] = stack[sp - 1] < a; break;
      case EQUAL: a = stack[--sp]; stack[sp - 1] = stack[sp - 1] == a; break;
      case JUMP: pc = code[pc]; break;
      case JUMP_IF: pc = stack[--sp] ? code[pc] : pc + 1; break;
      case DUP: a = stack[sp - 1]; stack[sp++] = a; break;
      case DROP: sp--; break;
      case SWAP: a = stack[sp - 1]; stack[sp - 1] = stack[sp - 2]; stack[sp - 2] = a; break;
      case READ: stack[sp - 1] = memory[stack[sp - 1] & 255]; break;
      case WRITE: a = stack[--sp]; memory[a & 255] = stack[--sp]; break;
      case CALL: returns[depth++] = pc + 1; pc = code[pc]; break;
      case RETURN: pc = returns[--depth]; break;
      case HALT: return (steps << 20) ^ stack[sp - 1];
      default: abort();
    }
  }
}

static void emit(int32_t word) { code[length++] = word; }

static void emit2(int32_t operation, int32_t operand) {
  emit(operation);
  emit(operand);
}

// for (i = 0, h = n; i < 3000; i++) { h = mix(h + memory[i]); memory[i] = h; if ((h & 15) == 3) h ^= i; } return h;
static void assemble(void) {
  emit2(PUSH, 0), emit2(STORE, 1), emit2(LOAD, 0), emit2(STORE, 2);
  int loop = length;
  emit2(LOAD, 1), emit2(PUSH, 3000), emit(LESS), emit2(JUMP_IF, 0);
  int exit = length + 1;
  emit2(JUMP, 0);
  code[exit - 2] = length;
  emit2(LOAD, 2), emit2(LOAD, 1), emit(READ), emit(ADD);
  int call = length + 1;
  emit2(CALL, 0), emit2(STORE, 2);
  emit2(LOAD, 2), emit2(LOAD, 1), emit(WRITE);
  emit2(LOAD, 2), emit2(PUSH, 15), emit(AND), emit2(PUSH, 3), emit(EQUAL);
  int then = length + 1;
  emit2(JUMP_IF, 0);
  int skip = length + 1;
  emit2(JUMP, 0);
  code[then] = length;
  emit2(LOAD, 2), emit2(LOAD, 1), emit(XOR), emit2(STORE, 2);
  code[skip] = length;
  emit2(LOAD, 1), emit2(PUSH, 1), emit(ADD), emit2(STORE, 1), emit2(JUMP, loop);
  code[exit] = length;
  emit2(LOAD, 2), emit(HALT);
  code[call] = length;
  emit(DUP), emit2(PUSH, 13), emit(SHR), emit(XOR), emit2(PUSH, 1664525), emit(MUL);
  emit(DUP), emit2(PUSH, 9), emit(SHL), emit(XOR), emit2(PUSH, 1013904223), emit(ADD), emit(RETURN);
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 700);
  assemble();
  uint64_t sum = 0;
  for (unsigned i = 0; i < rounds; i++) sum = bench_mix(sum, (uint64_t)run((int32_t)(i * 77)));
  return bench_done(sum);
}
