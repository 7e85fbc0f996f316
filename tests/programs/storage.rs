// Files, directories, standard input and the environment through Rust's standard library.
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

fn list(path: &str) -> io::Result<()> {
    let mut entries = fs::read_dir(path)?
        .map(|e| e.map(|e| format!("{}{}", e.file_name().to_string_lossy(), if e.path().is_dir() { "/" } else { "" })))
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    println!("{path}: {}", entries.join(" "));
    Ok(())
}

fn main() -> io::Result<()> {
    println!("{:?}", std::env::args().skip(1).collect::<Vec<_>>());
    println!("{:?}", std::env::vars().collect::<Vec<_>>());
    let mut total = 0u64;
    for (i, line) in io::stdin().lock().lines().enumerate() {
        let line = line?;
        total += line.len() as u64 * (i as u64 + 1);
    }
    println!("stdin {total}");

    list("/data")?;
    println!("{:?}", fs::read_to_string("/data/list.txt")?.lines().map(str::len).collect::<Vec<_>>());
    println!("{:?}", fs::metadata("/data/fox.txt").map(|m| (m.len(), m.is_file())));
    println!("{:?}", File::open("/data/none").map_err(|e| e.kind()).err());
    println!("outside: {}", fs::read("/data/../list.txt").is_ok());

    fs::create_dir_all("/work/a/b/c")?;
    let mut writer = BufWriter::new(File::create("/work/a/b/data.bin")?);
    for i in 0..10_000u32 {
        writer.write_all(&i.wrapping_mul(2654435761).to_le_bytes())?;
    }
    writer.flush()?;
    drop(writer);
    let mut file = OpenOptions::new().read(true).write(true).open("/work/a/b/data.bin")?;
    let mut word = [0; 4];
    let mut sum = 0u32;
    for i in (0..10_000u64).step_by(777) {
        file.seek(SeekFrom::Start(i * 4))?;
        file.read_exact(&mut word)?;
        sum ^= u32::from_le_bytes(word);
    }
    println!("{sum:08x} {}", file.seek(SeekFrom::End(-8))?);
    file.set_len(1000)?;
    println!("{} {:?}", file.metadata()?.len(), file.seek(SeekFrom::Current(-2000)).map_err(|e| e.kind()));
    println!("{:?}", OpenOptions::new().write(true).create_new(true).open("/work/a/b/data.bin").map_err(|e| e.kind()).err());
    let mut log = OpenOptions::new().append(true).create(true).open("/work/log")?;
    writeln!(log, "first")?;
    writeln!(log, "second")?;
    drop(log);
    println!("{:?}", BufReader::new(File::open("/work/log")?).lines().collect::<io::Result<Vec<_>>>()?);
    println!("{} bytes copied", fs::copy("/data/fox.txt", "/work/a/fox")?);
    fs::rename("/work/a/fox", "/work/a/b/c/fox")?;
    list("/work/a/b")?;
    println!("{} {}", Path::new("/work/a/fox").exists(), fs::read_to_string("/work/a/b/c/fox")?.trim());
    println!("{:?}", fs::remove_dir("/work/a").map_err(|e| e.kind() != io::ErrorKind::NotFound));
    fs::remove_dir_all("/work/a")?;
    list("/work")?;
    io::stdout().flush()?;
    std::process::exit(5)
}
