// A tour of Go's runtime and library: goroutines and channels, maps, JSON, regular expressions, compression, hashes, big
// integers, reflection, panics that are recovered, the garbage collector, and files.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/big"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strings"
	"sync"
	"text/template"
)

type Item struct {
	Name  string            `json:"name"`
	Price float64           `json:"price"`
	Tags  []string          `json:"tags,omitempty"`
	Extra map[string]any    `json:"extra,omitempty"`
}

type shape interface{ area() float64 }
type square float64
type circle float64

func (s square) area() float64 { return float64(s * s) }
func (c circle) area() float64 { return math.Pi * float64(c*c) }

func sum[T int | float64](values ...T) (total T) {
	for _, v := range values {
		total += v
	}
	return
}

func recovered(f func()) (message string) {
	defer func() { message = fmt.Sprint(recover()) }()
	f()
	return
}

func main() {
	fmt.Println(runtime.GOOS, runtime.GOARCH, os.Args[1:], os.Getenv("MODE"))

	jobs, results := make(chan int), make(chan int)
	var group sync.WaitGroup
	for w := 0; w < 8; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for n := range jobs {
				count := 0
				for i := 2; i < n; i++ {
					prime := true
					for j := 2; j*j <= i; j++ {
						if i%j == 0 {
							prime = false
							break
						}
					}
					if prime {
						count++
					}
				}
				results <- n*100000 + count
			}
		}()
	}
	go func() {
		for n := 1000; n <= 10000; n += 1000 {
			jobs <- n
		}
		close(jobs)
		group.Wait()
		close(results)
	}()
	var primes []int
	for r := range results {
		primes = append(primes, r)
	}
	sort.Ints(primes)
	fmt.Println(primes)

	items := []Item{{"tea", 3.5, []string{"hot", "green"}, nil}, {"cake", 12.25, nil, map[string]any{"eggs": 3, "vegan": false}}}
	encoded, _ := json.MarshalIndent(items, "", " ")
	fmt.Println(string(encoded))
	var decoded any
	fmt.Println(json.Unmarshal([]byte(`{"a": [1, 2.5e3, null, "\u00e9"], "b": {"c": tru}}`), &decoded))
	fmt.Println(json.Unmarshal([]byte(`{"a": [1, 2.5e3, null, "\u00e9"], "b": {"c": true}}`), &decoded), decoded)

	text := strings.Repeat("The quick brown fox, 12 jumps over 345 lazy dogs. ", 200)
	fmt.Println(regexp.MustCompile(`(\w+) (\d+)`).ReplaceAllString(text[:52], "$2-$1"), len(regexp.MustCompile(`\b[a-z]{4}\b`).FindAllString(text, -1)))
	var packed bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&packed, 9)
	io.WriteString(zip, text)
	zip.Close()
	unzip, _ := gzip.NewReader(&packed)
	unpacked, err := io.ReadAll(unzip)
	fmt.Printf("%v %v %x\n", string(unpacked) == text, err, sha256.Sum256(unpacked))

	factorial := big.NewInt(1)
	for i := int64(2); i <= 120; i++ {
		factorial.Mul(factorial, big.NewInt(i))
	}
	fmt.Println(factorial, new(big.Int).Exp(big.NewInt(3), big.NewInt(1000), big.NewInt(1_000_000_007)))
	ratio, _ := new(big.Rat).SetString("355/113")
	fmt.Println(ratio.FloatString(40))

	for _, s := range []shape{square(2), circle(1.5)} {
		fmt.Printf("%T %.6f\n", s, s.area())
	}
	fmt.Println(sum(1, 2, 3), sum(0.1, 0.2, 0.3))
	fmt.Println(recovered(func() { var m map[string]int; m["x"] = 1 }))
	fmt.Println(recovered(func() { a := []int{1}; i := len(text); _ = a[i] }))
	fmt.Println(recovered(func() { var p *Item; p.Name = "x" }))
	fmt.Println(recovered(func() { z := len(items) - 2; fmt.Println(1 / z) }))
	fmt.Println(math.Sqrt(2), math.Inf(-1), math.NaN(), math.MaxUint32, math.Float64bits(0.1), float32(0.1))
	template.Must(template.New("t").Parse("{{range .}}{{.Name}}: {{printf \"%.2f\" .Price}}\n{{end}}")).Execute(os.Stdout, items)

	random := rand.New(rand.NewSource(7))
	trees := 0
	for round := 0; round < 50; round++ {
		var list []*Item
		for i := 0; i < 2000; i++ {
			list = append(list, &Item{Name: fmt.Sprint(random.Intn(1000))})
		}
		trees += len(list[random.Intn(len(list))].Name)
	}
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	fmt.Println(trees, stats.NumGC > 0)

	os.MkdirAll("/work/tree/leaf", 0o755)
	os.WriteFile("/work/tree/leaf/a.txt", []byte(text[:100]), 0o644)
	os.WriteFile("/work/tree/b.txt", encoded, 0o644)
	filepath.WalkDir("/work/tree", func(path string, entry fs.DirEntry, err error) error {
		info, _ := entry.Info()
		if !entry.IsDir() {
			fmt.Println(path, info.Size())
		}
		return err
	})
	_, err = os.ReadFile("/work/none")
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	os.Exit(4)
}
