//! The pages that nativize writes, opened in headless Chromium: no errors, and what they should show is there.
//!
//! A test of the crate `nativize`, as those of the command are. Without Chromium the tests say so and end.

#[path = "../src/skip.rs"]
mod skip;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A program whose names try to leave their places in pages, and that works for a while.
const PROGRAM: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
  (func $"<script>document.title='taken'</script>" (param $n i32) (result i32)
    (loop $again
      (i32.store (i32.const 64) (i32.mul (i32.load (i32.const 64)) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.load (i32.const 64)))
  (func $"</script><img src=x onerror=document.title='taken'>" (result i32)
    (call $"<script>document.title='taken'</script>" (i32.const 300000000)))
  (func (export "_start")
    (drop (call $"</script><img src=x onerror=document.title='taken'>"))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;

/// What Chromium made of a page.
struct Opened {
    /// The document after its scripts ran.
    dom: String,
}

struct Browser {
    folder: TempDir,
    chromium: &'static str,
}

impl Browser {
    /// A folder and a browser, if there is one.
    fn new() -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let is_there = |name: &&str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
        };
        let Some(chromium) = names.into_iter().find(is_there) else {
            skip::skipped("chromium");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        fs::write(folder.path().join("program.wat"), PROGRAM).expect("it is writable");
        Some(Browser { folder, chromium })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs nativize, which has to succeed.
    #[track_caller]
    fn nativize(&self, arguments: &[&str]) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_nativize"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .stdin(Stdio::null())
            .output()
            .expect("the command starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        output
    }

    /// Opens a page at two sizes, with `script` added at its end, and requires that nothing is reported on the console.
    #[track_caller]
    fn open(&self, name: &str, script: &str) -> Opened {
        let page = fs::read_to_string(self.path(name)).expect("the page is text");
        assert!(
            !page.contains("http://") || page.contains("www.w3.org"),
            "it needs the network"
        );
        let end = if name.ends_with(".svg") {
            "</svg>\n"
        } else {
            "</html>"
        };
        let (body, _) = page.rsplit_once(end).expect("the page is whole");
        let opened = self.path(&format!("opened-{name}"));
        fs::write(&opened, format!("{body}<script>{script}</script>{end}"))
            .expect("it is writable");
        let mut dom = String::new();
        for size in ["1400,900", "500,900"] {
            dom = self.dump(&opened, size);
        }
        // A name in a page is text, wherever it stands.
        assert!(!dom.contains("<title>taken"), "{dom}");
        Opened { dom }
    }

    #[track_caller]
    fn dump(&self, page: &Path, size: &str) -> String {
        let output = Command::new(self.chromium)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
            ])
            .args([
                "--enable-logging=stderr",
                "--virtual-time-budget=3000",
                "--dump-dom",
            ])
            .arg(format!("--window-size={size}"))
            .arg(format!(
                "--user-data-dir={}",
                self.path("profile").display()
            ))
            .arg(format!("file://{}", page.display()))
            .stdin(Stdio::null())
            .output()
            .expect("Chromium starts");
        let log = String::from_utf8_lossy(&output.stderr);
        let console: Vec<&str> = log
            .lines()
            .filter(|line| line.contains("CONSOLE"))
            .collect();
        assert!(console.is_empty(), "{console:?}");
        assert!(output.status.success(), "{log}");
        String::from_utf8(output.stdout).expect("the document is text")
    }
}

impl Opened {
    #[track_caller]
    fn has(&self, text: &str) {
        assert!(self.dom.contains(text), "no {text:?} in\n{}", self.dom);
    }
}

#[test]
fn flame_graphs_zoom_and_search() {
    let Some(browser) = Browser::new() else {
        return;
    };
    browser.nativize(&["profile", "program.wat"]);
    let script = "const named = name => all.find(f => f.name.startsWith(name)); const inner = named('&lt;script');
        const input = document.getElementById('search'); input.value = 'img'; input.dispatchEvent(new Event('input'));
        document.documentElement.dataset.found = document.querySelectorAll('.found').length;
        all[1].g.dispatchEvent(new Event('click')); document.documentElement.dataset.row = zoomed.row;";
    let page = browser.open("program.svg", script);
    page.has("data-name=\"_start\"");
    page.has("data-name=\"&lt;script&gt;document.title='taken'&lt;/script&gt;\"");
    page.has("data-found=\"1\"");
    page.has("data-row=\"1\"");
    page.has("100.0%, ");
}

#[test]
fn inspect_shows_sizes_grants_memory_and_code() {
    let Some(browser) = Browser::new() else {
        return;
    };
    browser.nativize(&["build", "program.wat", "--dir", "data::/<data>:ro"]);
    browser.nativize(&["profile", "program.wat"]);
    browser.nativize(&[
        "inspect",
        "program",
        "--html",
        "page.html",
        "--module",
        "program.wat",
        "--profile",
        "program.profile.json",
        "--function",
        "_start",
        "--function",
        "1",
    ]);
    let script = "document.documentElement.dataset.code = document.querySelectorAll('#wasm span').length > 5;
        show(1); document.documentElement.dataset.second = document.getElementById('clif').textContent.includes('block0');
        document.documentElement.dataset.wide = document.documentElement.scrollWidth > innerWidth;";
    let page = browser.open("page.html", script);
    for text in [
        "What takes the room",
        "Hottest functions",
        "Functions by size",
        "Imports and grants",
        "Memory",
        ".rodata",
        "the directory data as /&lt;data&gt;, read only",
        "wasi_snapshot_preview1 fd_write",
        "stack of the program",
        "memory 0 at start",
        "data-code=\"true\"",
        "data-second=\"true\"",
        "data-wide=\"false\"",
    ] {
        page.has(text);
    }
    // Only code that was asked for is in the page, and a module or an executable alone is enough for one.
    assert_eq!(page.dom.matches("<option").count(), 2);
    browser.nativize(&["inspect", "program.wat", "--html", "module.html"]);
    browser.open("module.html", "").has("i32.const 300000000");
    browser.nativize(&["inspect", "program", "--html", "executable.html"]);
    browser
        .open("executable.html", "")
        .has("With --module FILE");
}

#[test]
fn inspect_shows_the_source_of_functions() {
    let Some(browser) = Browser::new() else {
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/gdb");
    let module = folder.join("lists.wasm");
    let module = module.to_str().expect("the path is text");
    let folder = folder.to_str().expect("the path is text");
    let page = |name: &str, options: &[&str]| {
        let arguments = [
            &["inspect", module, "--html", name, "--function", "sum"],
            options,
        ];
        browser.nativize(&arguments.concat());
    };
    // What is under the pointer, and what is marked then.
    let script = "const seen = document.documentElement.dataset;
        const under = line => line.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
        const marked = id => document.querySelectorAll('#' + id + ' .on').length;
        seen.hidden = $('from').hidden; seen.source = $('source').textContent.includes('for (const struct node *at = list');
        const line = document.querySelector('#source [data-line]'); under(line);
        seen.line = marked('source') == 1 && marked('wasm') > 0;
        under(document.querySelector('#clif [data-line]'));
        seen.clif = marked('source') == 1 && marked('wasm') == 1 && marked('clif') > 0;
        under([...document.querySelectorAll('#asm [data-line]')].find(line => line.textContent.includes('cvtsi2sd')));
        seen.asm = marked('source') == 1 && marked('wasm') == 1 && marked('asm') == 3 && document.querySelector('#wasm .on')
          .textContent.includes('f64.convert_i32_s');
        const click = line => line.dispatchEvent(new MouseEvent('click', { bubbles: true }));
        const one = document.querySelector('#asm .on'); click(one); under(line); seen.kept = one.classList.contains('on');
        click(line); seen.moved = line.classList.contains('on') && !one.classList.contains('on');
        seen.wide = document.documentElement.scrollWidth > innerWidth;";
    page("source.html", &["--source", folder]);
    let opened = browser.open("source.html", script);
    for text in [
        "data-hidden=\"false\"",
        "data-source=\"true\"",
        "data-line=\"true\"",
        "data-clif=\"true\"",
        "data-asm=\"true\"",
        "data-kept=\"true\"",
        "data-moved=\"true\"",
        "data-wide=\"false\"",
    ] {
        opened.has(text);
    }
    // Nothing of the folder that commands run in is such a file: then there are only the numbers of lines.
    page("lines.html", &[]);
    let opened = browser.open("lines.html", script);
    opened.has("data-source=\"false\"");
    opened.has("data-line=\"true\"");
    // A module without debug information has no such column.
    browser.nativize(&["inspect", "program.wat", "--html", "none.html"]);
    let script = "document.documentElement.dataset.hidden = $('from').hidden;";
    browser
        .open("none.html", script)
        .has("data-hidden=\"true\"");
}

#[test]
fn comparisons_have_their_plots() {
    let Some(browser) = Browser::new() else {
        return;
    };
    let quick = PROGRAM.replace("300000000", "30");
    fs::write(browser.path("quick.wat"), quick).expect("it is writable");
    browser.nativize(&["bench", "--runs", "2", "--html", "bench.html", "quick.wat"]);
    let page = browser.open("bench.html", "");
    page.has("How fast it runs");
    page.has("<svg");
    page.has("quick");
}
