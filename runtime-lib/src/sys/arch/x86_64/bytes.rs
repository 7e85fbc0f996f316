//! `memcpy` and its relatives, which compiled Rust calls and which a libc would otherwise bring.
//!
//! They are assembly because the compiler recognises such loops in Rust and replaces them by calls to these very
//! functions. Up to 64 bytes there are no loops: two accesses from either end, which may overlap. Above that, 64
//! bytes a turn with unaligned SSE2, which every x86-64 has; the end that the loop does not reach exactly is loaded
//! before the first store, so overlap is harmless. From [`STRING_LEN`] on, `rep movsb` and `rep stosb`, once the
//! processor is known to do them well.
#![allow(unsafe_code)]

use core::arch::{
    naked_asm,
    x86_64::{__cpuid, __cpuid_count},
};
use core::sync::atomic::{AtomicU8, Ordering};

/// Whether the processor has fast string instructions: [`UNKNOWN`], [`FAST`] or [`SLOW`].
static STRINGS: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = 0;
const FAST: u8 = 1;
const SLOW: u8 = 2;

/// From here on string instructions outrun the loops.
const STRING_LEN: usize = 4096;
/// From here on it is worth CPUID's microseconds to find out.
const PROBE_LEN: usize = 65536;

/// Answers whether an operation of `len` bytes, at least [`STRING_LEN`], uses string instructions.
extern "C" fn use_strings(len: usize) -> bool {
    match STRINGS.load(Ordering::Relaxed) {
        UNKNOWN if len < PROBE_LEN => false,
        UNKNOWN => {
            // Leaf 7, ebx bit 9: enhanced `rep movsb` and `rep stosb`.
            let fast = __cpuid(0).eax >= 7 && __cpuid_count(7, 0).ebx & (1 << 9) != 0;
            STRINGS.store(if fast { FAST } else { SLOW }, Ordering::Relaxed);
            fast
        }
        state => state == FAST,
    }
}

/// C's `memcpy`, which tolerates overlap here.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn memcpy(destination: *mut u8, source: *const u8, len: usize) -> *mut u8 {
    naked_asm!("jmp {memmove}", memmove = sym memmove)
}

/// C's `memmove`.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn memmove(destination: *mut u8, source: *const u8, len: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi",
        "cmp rdx, 16",
        "jb 20f",
        "cmp rdx, 32",
        "ja 30f",
        // 16 to 32
        "movups xmm0, [rsi]",
        "movups xmm1, [rsi + rdx - 16]",
        "movups [rdi], xmm0",
        "movups [rdi + rdx - 16], xmm1",
        "ret",
        "20:",
        "test dl, 8",
        "jnz 22f",
        "test dl, 4",
        "jnz 23f",
        "test dl, dl",
        "jz 25f",
        // 1 to 3
        "movzx ecx, byte ptr [rsi]",
        "test dl, 2",
        "jz 24f",
        "movzx r8d, word ptr [rsi + rdx - 2]",
        "mov [rdi + rdx - 2], r8w",
        "24:",
        "mov [rdi], cl",
        "25:",
        "ret",
        // 8 to 15
        "22:",
        "mov rcx, [rsi]",
        "mov r8, [rsi + rdx - 8]",
        "mov [rdi], rcx",
        "mov [rdi + rdx - 8], r8",
        "ret",
        // 4 to 7
        "23:",
        "mov ecx, [rsi]",
        "mov r8d, [rsi + rdx - 4]",
        "mov [rdi], ecx",
        "mov [rdi + rdx - 4], r8d",
        "ret",
        "30:",
        "cmp rdx, 64",
        "ja 40f",
        // 33 to 64
        "movups xmm0, [rsi]",
        "movups xmm1, [rsi + 16]",
        "movups xmm2, [rsi + rdx - 32]",
        "movups xmm3, [rsi + rdx - 16]",
        "movups [rdi], xmm0",
        "movups [rdi + 16], xmm1",
        "movups [rdi + rdx - 32], xmm2",
        "movups [rdi + rdx - 16], xmm3",
        "ret",
        "40:",
        // Backwards when the destination begins inside the source.
        "mov rcx, rdi",
        "sub rcx, rsi",
        "cmp rcx, rdx",
        "jb 60f",
        "cmp rdx, {string_len}",
        "jae 80f",
        // Forwards
        "50:",
        "movups xmm4, [rsi + rdx - 64]",
        "movups xmm5, [rsi + rdx - 48]",
        "movups xmm6, [rsi + rdx - 32]",
        "movups xmm7, [rsi + rdx - 16]",
        "lea r9, [rdi + rdx - 64]",
        "51:",
        "movups xmm0, [rsi]",
        "movups xmm1, [rsi + 16]",
        "movups xmm2, [rsi + 32]",
        "movups xmm3, [rsi + 48]",
        "movups [rdi], xmm0",
        "movups [rdi + 16], xmm1",
        "movups [rdi + 32], xmm2",
        "movups [rdi + 48], xmm3",
        "add rsi, 64",
        "add rdi, 64",
        "cmp rdi, r9",
        "jb 51b",
        "movups [r9], xmm4",
        "movups [r9 + 16], xmm5",
        "movups [r9 + 32], xmm6",
        "movups [r9 + 48], xmm7",
        "ret",
        // Backwards
        "60:",
        "movups xmm4, [rsi]",
        "movups xmm5, [rsi + 16]",
        "movups xmm6, [rsi + 32]",
        "movups xmm7, [rsi + 48]",
        "add rsi, rdx",
        "add rdx, rdi",
        "lea r9, [rdi + 64]",
        "61:",
        "movups xmm0, [rsi - 64]",
        "movups xmm1, [rsi - 48]",
        "movups xmm2, [rsi - 32]",
        "movups xmm3, [rsi - 16]",
        "movups [rdx - 64], xmm0",
        "movups [rdx - 48], xmm1",
        "movups [rdx - 32], xmm2",
        "movups [rdx - 16], xmm3",
        "sub rsi, 64",
        "sub rdx, 64",
        "cmp rdx, r9",
        "ja 61b",
        "movups [rdi], xmm4",
        "movups [rdi + 16], xmm5",
        "movups [rdi + 32], xmm6",
        "movups [rdi + 48], xmm7",
        "ret",
        // Long
        "80:",
        "push rdi",
        "push rsi",
        "push rdx",
        "mov rdi, rdx",
        "call {use_strings}",
        "pop rdx",
        "pop rsi",
        "pop rdi",
        "test al, al",
        "mov rax, rdi",
        "jz 50b",
        "mov rcx, rdx",
        "rep movsb",
        "ret",
        string_len = const STRING_LEN,
        use_strings = sym use_strings,
    )
}

/// C's `memset`.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn memset(destination: *mut u8, byte: i32, len: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi",
        "movzx esi, sil",
        "movabs rcx, 0x0101010101010101",
        "imul rcx, rsi",
        "cmp rdx, 16",
        "jb 20f",
        "movq xmm0, rcx",
        "punpcklqdq xmm0, xmm0",
        "cmp rdx, 64",
        "ja 40f",
        // 16 to 64
        "movups [rdi], xmm0",
        "movups [rdi + rdx - 16], xmm0",
        "cmp rdx, 32",
        "jbe 25f",
        "movups [rdi + 16], xmm0",
        "movups [rdi + rdx - 32], xmm0",
        "ret",
        "20:",
        "test dl, 8",
        "jnz 22f",
        "test dl, 4",
        "jnz 23f",
        "test dl, dl",
        "jz 25f",
        // 1 to 3
        "mov [rdi], cl",
        "test dl, 2",
        "jz 25f",
        "mov [rdi + rdx - 2], cx",
        "25:",
        "ret",
        // 8 to 15
        "22:",
        "mov [rdi], rcx",
        "mov [rdi + rdx - 8], rcx",
        "ret",
        // 4 to 7
        "23:",
        "mov [rdi], ecx",
        "mov [rdi + rdx - 4], ecx",
        "ret",
        "40:",
        "cmp rdx, {string_len}",
        "jae 80f",
        "50:",
        "lea r9, [rdi + rdx - 64]",
        "51:",
        "movups [rdi], xmm0",
        "movups [rdi + 16], xmm0",
        "movups [rdi + 32], xmm0",
        "movups [rdi + 48], xmm0",
        "add rdi, 64",
        "cmp rdi, r9",
        "jb 51b",
        "movups [r9], xmm0",
        "movups [r9 + 16], xmm0",
        "movups [r9 + 32], xmm0",
        "movups [r9 + 48], xmm0",
        "ret",
        // Long. `use_strings` is Rust and free to use any xmm register.
        "80:",
        "push rdi",
        "push rcx",
        "push rdx",
        "mov rdi, rdx",
        "call {use_strings}",
        "pop rdx",
        "pop rcx",
        "pop rdi",
        "test al, al",
        "mov rax, rdi",
        "movq xmm0, rcx",
        "punpcklqdq xmm0, xmm0",
        "jz 50b",
        "mov r8, rdi",
        "mov rax, rcx",
        "mov rcx, rdx",
        "rep stosb",
        "mov rax, r8",
        "ret",
        string_len = const STRING_LEN,
        use_strings = sym use_strings,
    )
}

/// C's `memcmp`.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, len: usize) -> i32 {
    naked_asm!(
        "xor ecx, ecx",
        "20:",
        "lea r8, [rcx + 16]",
        "cmp r8, rdx",
        "ja 30f",
        "movups xmm0, [rdi + rcx]",
        "movups xmm1, [rsi + rcx]",
        "pcmpeqb xmm0, xmm1",
        "pmovmskb eax, xmm0",
        "xor eax, 0xffff",
        "jnz 25f",
        "mov rcx, r8",
        "jmp 20b",
        "25:",
        "bsf eax, eax",
        "add rcx, rax",
        "jmp 40f",
        // Fewer than 16 are left.
        "30:",
        "cmp rcx, rdx",
        "jae 50f",
        "movzx eax, byte ptr [rdi + rcx]",
        "cmp al, [rsi + rcx]",
        "jne 40f",
        "inc rcx",
        "jmp 30b",
        "40:",
        "movzx eax, byte ptr [rdi + rcx]",
        "movzx edx, byte ptr [rsi + rcx]",
        "sub eax, edx",
        "ret",
        "50:",
        "xor eax, eax",
        "ret",
    )
}

/// `memcmp` when only equality matters.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn bcmp(left: *const u8, right: *const u8, len: usize) -> i32 {
    naked_asm!("jmp {memcmp}", memcmp = sym memcmp)
}

/// C's `strlen`, which `CStr::from_ptr` calls.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn strlen(string: *const u8) -> usize {
    naked_asm!(
        "mov rax, rdi",
        "20:",
        "cmp byte ptr [rax], 0",
        "je 30f",
        "inc rax",
        "jmp 20b",
        "30:",
        "sub rax, rdi",
        "ret",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths on both sides of each boundary of the code above.
    const LENGTHS: [usize; 30] = [
        0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 191, 1000,
        4095, 4096, 4097, 65535, 65536, 65537, 100_003,
    ];

    fn pattern(len: usize) -> Vec<u8> {
        (0..len)
            .map(|index| (index * 7 + index / 251) as u8)
            .collect()
    }

    #[test]
    fn moves_with_any_overlap() {
        for strings in [UNKNOWN, SLOW, FAST] {
            STRINGS.store(strings, Ordering::Relaxed);
            for len in LENGTHS {
                for (from, to) in [(0, 1), (1, 0), (5, 40), (40, 5), (300, 0), (0, 300), (9, 9)] {
                    let mut bytes = pattern(len + 400);
                    let mut expected = bytes.clone();
                    let moved = bytes[from..from + len].to_vec();
                    expected[to..to + len].copy_from_slice(&moved);
                    // SAFETY: both ranges lie in `bytes`.
                    unsafe {
                        let destination = bytes.as_mut_ptr().add(to);
                        let result = memmove(destination, bytes.as_ptr().add(from), len);
                        assert_eq!(result, destination);
                    }
                    assert!(bytes == expected, "{len} bytes from {from} to {to}");
                }
            }
        }
    }

    #[test]
    fn copies_and_fills_nothing_else() {
        for strings in [UNKNOWN, SLOW, FAST] {
            STRINGS.store(strings, Ordering::Relaxed);
            for len in LENGTHS {
                let source = pattern(len);
                for start in [0, 3, 16] {
                    let mut bytes = vec![0xaa; len + 64];
                    // SAFETY: the range lies in `bytes`, the source is as long.
                    unsafe {
                        let destination = bytes.as_mut_ptr().add(start);
                        assert_eq!(memcpy(destination, source.as_ptr(), len), destination);
                    }
                    let mut expected = vec![0xaa; len + 64];
                    expected[start..start + len].copy_from_slice(&source);
                    assert!(bytes == expected, "copy of {len} to {start}");
                    // SAFETY: as above.
                    unsafe {
                        let destination = bytes.as_mut_ptr().add(start);
                        // Only the low byte counts.
                        assert_eq!(memset(destination, 0x1234_56c3, len), destination);
                    }
                    expected[start..start + len].fill(0xc3);
                    assert!(bytes == expected, "fill of {len} at {start}");
                }
            }
        }
    }

    #[test]
    fn compares_as_unsigned_bytes() {
        for len in LENGTHS {
            let left = pattern(len);
            // SAFETY: both are that long.
            let compare =
                |right: &[u8]| unsafe { memcmp(left.as_ptr(), right.as_ptr(), len).signum() };
            assert_eq!(compare(&left), 0);
            for at in [0, len / 2, len.saturating_sub(1)] {
                let mut right = left.clone();
                if let Some(byte) = right.get_mut(at) {
                    let original = *byte;
                    *byte ^= 0x80;
                    let order = i32::from(original) - i32::from(*byte);
                    assert_eq!(compare(&right), order.signum(), "{len} at {at}");
                    // SAFETY: both are that long.
                    assert_ne!(unsafe { bcmp(left.as_ptr(), right.as_ptr(), len) }, 0);
                }
            }
        }
    }

    #[test]
    fn lengths() {
        for string in [&b"\0"[..], b"a\0", b"abc\0def\0"] {
            let len = string.iter().position(|&byte| byte == 0).unwrap();
            // SAFETY: there is a zero.
            assert_eq!(unsafe { strlen(string.as_ptr()) }, len);
        }
    }
}
