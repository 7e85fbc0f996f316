// A simulation of an operating system's kernel: tasks are objects, packets are passed between their queues, and the
// scheduler calls virtual functions. After the idea of Martin Richards.
#include "bench.h"

namespace {

struct Packet {
  Packet *link;
  int destination;
  bool work;
  int datum;
  unsigned char data[4];
};

Packet *append(Packet *packet, Packet *queue) {
  packet->link = nullptr;
  if (!queue) return packet;
  Packet *last = queue;
  while (last->link) last = last->link;
  last->link = packet;
  return queue;
}

struct Scheduler;

struct Task {
  int priority;
  Task *next;
  Packet *queue = nullptr;
  bool waiting = false, held = false;

  Task(int priority, Task *next) : priority(priority), next(next) {}
  virtual ~Task() = default;
  // Does what there is to do with a packet, or without one, and gives the task to run next.
  virtual Task *run(Scheduler &scheduler, Packet *packet) = 0;
};

struct Scheduler {
  Task *tasks[6] = {};
  Task *list = nullptr, *current = nullptr;
  unsigned switches = 0, queued = 0, held = 0;

  void add(int id, Task *task) {
    tasks[id] = task;
    list = task;
  }
  Task *send(Packet *packet) {
    Task *to = tasks[packet->destination];
    queued++;
    packet->link = nullptr;
    for (int id = 0; id < 6; id++)
      if (tasks[id] == current) packet->destination = id;
    if (to->queue) {
      to->queue = append(packet, to->queue);
      return current;
    }
    to->queue = packet;
    return to->priority > current->priority ? to : current;
  }
  Task *wait() {
    current->waiting = true;
    return current;
  }
  Task *hold() {
    held++;
    current->held = true;
    return current->next;
  }
  Task *release(int id) {
    tasks[id]->held = false;
    return tasks[id]->priority > current->priority ? tasks[id] : current;
  }
  void run() {
    current = list;
    while (current) {
      Task *task = current;
      if (task->held || (task->waiting && !task->queue)) {
        current = task->next;
        continue;
      }
      Packet *packet = nullptr;
      if (task->waiting || task->queue) {
        packet = task->queue;
        if (packet) task->queue = packet->link;
        task->waiting = false;
      }
      switches++;
      current = task->run(*this, packet);
    }
  }
};

enum { IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B };

struct Idle : Task {
  unsigned control = 1;
  int count;
  explicit Idle(int count) : Task(0, nullptr), count(count) {}
  Task *run(Scheduler &scheduler, Packet *) override {
    if (--count == 0) return scheduler.hold();
    bool odd = control & 1;
    control = control >> 1 ^ (odd ? 0xd008 : 0);
    return scheduler.release(odd ? DEVICE_B : DEVICE_A);
  }
};

struct Worker : Task {
  int destination = HANDLER_A, letter = 0;
  explicit Worker(Task *next) : Task(1000, next) {}
  Task *run(Scheduler &scheduler, Packet *packet) override {
    if (!packet) return scheduler.wait();
    destination = HANDLER_A + HANDLER_B - destination;
    packet->destination = destination;
    packet->datum = 0;
    for (unsigned char &byte : packet->data) {
      letter = letter % 26 + 1;
      byte = (unsigned char)('A' + letter - 1);
    }
    return scheduler.send(packet);
  }
};

struct Handler : Task {
  Packet *works = nullptr, *devices = nullptr;
  Handler(int priority, Task *next) : Task(priority, next) {}
  Task *run(Scheduler &scheduler, Packet *packet) override {
    if (packet) (packet->work ? works : devices) = append(packet, packet->work ? works : devices);
    if (works) {
      Packet *work = works;
      if (work->datum >= 4) {
        works = work->link;
        work->destination = WORKER;
        return scheduler.send(work);
      }
      if (devices) {
        Packet *device = devices;
        devices = device->link;
        device->datum = work->data[work->datum++];
        device->destination = this == scheduler.tasks[HANDLER_A] ? DEVICE_A : DEVICE_B;
        return scheduler.send(device);
      }
    }
    return scheduler.wait();
  }
};

struct Device : Task {
  Packet *pending = nullptr;
  Device(int priority, Task *next) : Task(priority, next) {}
  Task *run(Scheduler &scheduler, Packet *packet) override {
    if (packet) {
      pending = packet;
      return scheduler.hold();
    }
    if (!pending) return scheduler.wait();
    Packet *done = pending;
    pending = nullptr;
    done->destination = this == scheduler.tasks[DEVICE_A] ? HANDLER_A : HANDLER_B;
    return scheduler.send(done);
  }
};

uint64_t simulate(int count) {
  Scheduler scheduler;
  Packet packets[8];
  for (Packet &packet : packets) packet = Packet{nullptr, 0, false, 0, {}};
  Task *made[6];
  made[IDLE] = new Idle(count);
  made[WORKER] = new Worker(made[IDLE]);
  made[HANDLER_A] = new Handler(2000, made[WORKER]);
  made[HANDLER_B] = new Handler(3000, made[HANDLER_A]);
  made[DEVICE_A] = new Device(4000, made[HANDLER_B]);
  made[DEVICE_B] = new Device(5000, made[DEVICE_A]);
  for (int id = 0; id < 6; id++) scheduler.add(id, made[id]);
  for (int i = 0; i < 2; i++) {
    packets[i].work = true;
    made[WORKER]->queue = append(&packets[i], made[WORKER]->queue);
  }
  for (int i = 2; i < 8; i++) {
    Task *handler = made[i < 5 ? HANDLER_A : HANDLER_B];
    handler->queue = append(&packets[i], handler->queue);
  }
  scheduler.run();
  for (Task *task : made) delete task;
  return (uint64_t)scheduler.switches << 32 ^ (uint64_t)scheduler.queued << 16 ^ scheduler.held;
}

}  // namespace

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 60);
  uint64_t sum = 0;
  for (unsigned i = 0; i < rounds; i++) sum = bench_mix(sum, simulate(10000 + (int)i));
  return bench_done(sum);
}
