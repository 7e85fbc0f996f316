// The orbits of planets: double arithmetic with square roots.
#include "bench.h"
#include <math.h>

enum { BODIES = 5 };
static struct {
  double x[3], v[3], mass;
} bodies[BODIES] = {
    {{0, 0, 0}, {0, 0, 0}, 39.47841760435743},
    {{4.84143144246472090, -1.16032004402742839, -0.103622044471123109}, {0.606326392995832, 2.81198684491626016, -0.02521836165988763}, 0.03769367487038949},
    {{8.34336671824457987, 4.12479856412430479, -0.403523417114321381}, {-1.01077434617879236, 1.82566237123041186, 0.00841576137658415}, 0.011286326131968767},
    {{12.8943695621391310, -15.1111514016986312, -0.223307578892655734}, {1.08279100644153536, 0.868713018169608, -0.01083263740136364}, 0.0017237240570597112},
    {{15.3796971148509165, -25.9193146099879641, 0.179258772950371181}, {0.979090732243898, 0.594698998647676, -0.0347559555040781}, 0.0020336868699246304},
};

static void advance(double dt) {
  for (int i = 0; i < BODIES; i++)
    for (int j = i + 1; j < BODIES; j++) {
      double d[3], square = 0;
      for (int k = 0; k < 3; k++) {
        d[k] = bodies[i].x[k] - bodies[j].x[k];
        square += d[k] * d[k];
      }
      double force = dt / (square * sqrt(square));
      for (int k = 0; k < 3; k++) {
        bodies[i].v[k] -= d[k] * bodies[j].mass * force;
        bodies[j].v[k] += d[k] * bodies[i].mass * force;
      }
    }
  for (int i = 0; i < BODIES; i++)
    for (int k = 0; k < 3; k++) bodies[i].x[k] += dt * bodies[i].v[k];
}

int main(int argc, char **argv) {
  unsigned steps = bench_work(argc, argv, 1500000);
  for (unsigned i = 0; i < steps; i++) advance(0.01);
  uint64_t sum = 0;
  for (int i = 0; i < BODIES; i++) sum = bench_mix_bytes(sum, bodies[i].x, sizeof bodies[i].x);
  return bench_done(sum);
}
