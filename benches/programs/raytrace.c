// A ray tracer: spheres over a checkered plane, shadows and reflections.
#include "bench.h"
#include <math.h>

struct vector {
  double x, y, z;
};
struct sphere {
  struct vector center;
  double radius, shine;
  struct vector color;
};

static struct vector add(struct vector a, struct vector b) { return (struct vector){a.x + b.x, a.y + b.y, a.z + b.z}; }
static struct vector sub(struct vector a, struct vector b) { return (struct vector){a.x - b.x, a.y - b.y, a.z - b.z}; }
static struct vector scale(struct vector a, double k) { return (struct vector){a.x * k, a.y * k, a.z * k}; }
static double dot(struct vector a, struct vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static struct vector unit(struct vector a) { return scale(a, 1 / sqrt(dot(a, a))); }

enum { SPHERES = 12 };
static struct sphere spheres[SPHERES];

static double hit(const struct sphere *s, struct vector from, struct vector to) {
  struct vector l = sub(s->center, from);
  double along = dot(l, to);
  if (along < 0) return -1;
  double away = dot(l, l) - along * along, square = s->radius * s->radius;
  if (away > square) return -1;
  double half = sqrt(square - away);
  return along > half ? along - half : along + half;
}

static struct vector trace(struct vector from, struct vector to, int depth) {
  const struct vector light = {0.48, 0.8, -0.36};
  const struct sphere *nearest = NULL;
  double distance = 1e9;
  for (int i = 0; i < SPHERES; i++) {
    double t = hit(&spheres[i], from, to);
    if (t > 1e-6 && t < distance) distance = t, nearest = &spheres[i];
  }
  struct vector point, normal, color;
  double shine;
  if (nearest) {
    point = add(from, scale(to, distance));
    normal = unit(sub(point, nearest->center));
    color = nearest->color;
    shine = nearest->shine;
  } else if (to.y < -1e-6) {
    point = add(from, scale(to, -(from.y + 2) / to.y));
    normal = (struct vector){0, 1, 0};
    int odd = ((int)floor(point.x) + (int)floor(point.z)) & 1;
    color = odd ? (struct vector){0.9, 0.9, 0.9} : (struct vector){0.1, 0.1, 0.1};
    shine = 0.2;
  } else {
    double sky = 0.5 + 0.5 * to.y;
    return (struct vector){1 - sky, 1 - sky * 0.5, 1};
  }
  point = add(point, scale(normal, 1e-4));
  double brightness = 0.1;
  int shadow = 0;
  for (int i = 0; i < SPHERES && !shadow; i++) shadow = hit(&spheres[i], point, light) > 0;
  if (!shadow && dot(normal, light) > 0) brightness += 0.9 * dot(normal, light);
  color = scale(color, brightness * (1 - shine));
  if (depth > 0 && shine > 0) {
    struct vector reflected = sub(to, scale(normal, 2 * dot(normal, to)));
    color = add(color, scale(trace(point, reflected, depth - 1), shine));
  }
  return color;
}

int main(int argc, char **argv) {
  unsigned height = bench_work(argc, argv, 1200), width = 320;  // five times the same picture
  for (int i = 0; i < SPHERES; i++) {
    spheres[i].center = (struct vector){(i % 4) * 2 - 3, (i / 4) * 1.5 - 1, 6 + (i * 7 % 5)};
    spheres[i].radius = 0.5 + (i % 3) * 0.3;
    spheres[i].shine = (i % 4) * 0.25;
    spheres[i].color = (struct vector){0.2 + (i % 3) * 0.4, 0.9 - (i % 5) * 0.2, (i % 2) ? 0.8 : 0.3};
  }
  uint64_t sum = 0;
  for (unsigned y = 0; y < height; y++)
    for (unsigned x = 0; x < width; x++) {
      struct vector to = unit((struct vector){(x - 160.0) / 200, (120.0 - y % 240) / 200, 1});
      struct vector c = trace((struct vector){0, 0, -2}, to, 4);
      sum = bench_mix(sum, (uint64_t)(c.x * 255) << 16 | (uint64_t)(c.y * 255) << 8 | (uint64_t)(c.z * 255));
    }
  return bench_done(sum);
}
