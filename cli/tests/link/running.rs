//! Executables that run.

use nativize::link::{LinkOptions, config_object, read_notes};

use crate::objects::{self, OUTPUT, STATUS};
use crate::{CONFIG, link_all, link_with, run};

#[test]
fn a_program_with_a_runtime_runs() {
    for model in ["pie", "pic"] {
        for strip in [false, true] {
            let objects = [
                objects::program(),
                objects::runtime(model),
                config_object(CONFIG, None, ""),
            ];
            let objects = objects.each_ref().map(Vec::as_slice);
            let executable = link_with(
                &objects,
                &LinkOptions {
                    strip,
                    ..LinkOptions::default()
                },
            )
            .unwrap();
            let output = run(&executable);
            assert_eq!(
                String::from_utf8_lossy(&output.stdout),
                OUTPUT,
                "{model} {strip}"
            );
            assert_eq!(output.status.code(), Some(STATUS), "{model} {strip}");
            assert_eq!(
                executable,
                link_with(
                    &objects,
                    &LinkOptions {
                        strip,
                        ..LinkOptions::default()
                    }
                )
                .unwrap()
            );
        }
    }
}

#[test]
fn a_bare_executable_exits() {
    let executable = link_all(&[&objects::exit(7)]).unwrap();
    assert_eq!(run(&executable).status.code(), Some(7));
    assert!(executable.len() < 1024, "{} bytes", executable.len());
}

#[test]
fn notes_are_read_back() {
    let executable = link_all(&[&objects::exit(0), &config_object(CONFIG, None, "")]).unwrap();
    let notes = read_notes(&executable).unwrap();
    assert_eq!(notes.config, CONFIG);
    assert_eq!(notes.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(read_notes(&link_all(&[&objects::exit(0)]).unwrap()), None);
}

#[test]
fn inputs_may_be_unaligned() {
    let mut bytes = vec![0];
    bytes.extend(objects::exit(9));
    assert_eq!(
        run(&link_all(&[&bytes[1..]]).unwrap()).status.code(),
        Some(9)
    );
}
