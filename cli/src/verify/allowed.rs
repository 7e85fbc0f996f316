//! The instructions that guest code may have. What is not listed is not proven; what is forbidden is rejected.

use iced_x86::{Code, CpuidFeature, Instruction, Mnemonic, OpKind, Register};

/// What an instruction breaks whatever it is used for, if it does.
pub(super) fn forbidden(instruction: &Instruction) -> Option<&'static str> {
    use Mnemonic as M;
    if instruction.is_invalid() {
        return Some("no instruction");
    }
    if instruction.is_privileged() {
        return Some("a privileged instruction");
    }
    match instruction.mnemonic() {
        M::Syscall | M::Sysenter | M::Int | M::Int1 | M::Into | M::Sysexit | M::Sysret => {
            return Some("a system call");
        }
        M::In | M::Out | M::Insb | M::Insw | M::Insd | M::Outsb | M::Outsw | M::Outsd => {
            return Some("an access to a port");
        }
        M::Wrfsbase | M::Wrgsbase | M::Rdfsbase | M::Rdgsbase | M::Wrpkru | M::Rdpkru => {
            return Some("an instruction on registers of the system");
        }
        M::Lfs | M::Lgs | M::Lss | M::Lds | M::Les => return Some("a write to a segment register"),
        _ => {}
    }
    if instruction.segment_prefix() != Register::None {
        return Some("a segment override");
    }
    for operand in 0..instruction.op_count() {
        if instruction.op_kind(operand) == OpKind::Register
            && instruction.op_register(operand).is_segment_register()
        {
            return Some("an access to a segment register");
        }
    }
    // An address of 32 bits is one in the lowest 4 GiB, where nothing but linear memory is.
    let computes_only = instruction.mnemonic() == Mnemonic::Lea;
    for register in [instruction.memory_base(), instruction.memory_index()] {
        if register.is_gpr32() && computes_only || register.is_gpr16() || register == Register::EIP
        {
            return Some("an address of less than 64 bits");
        }
    }
    None
}

/// Whether what the instruction does to registers and memory is what its operands say.
pub(super) fn is_known(instruction: &Instruction) -> bool {
    use Mnemonic as M;
    let general = |mnemonic| {
        matches!(
            mnemonic,
            M::Mov
                | M::Movzx
                | M::Movsx
                | M::Movsxd
                | M::Lea
                | M::Add
                | M::Adc
                | M::Sub
                | M::Sbb
                | M::Inc
                | M::Dec
                | M::Neg
                | M::Not
                | M::And
                | M::Or
                | M::Xor
                | M::Cmp
                | M::Test
                | M::Imul
                | M::Mul
                | M::Div
                | M::Idiv
                | M::Cbw
                | M::Cwd
                | M::Cwde
                | M::Cdq
                | M::Cdqe
                | M::Cqo
                | M::Shl
                | M::Shr
                | M::Sar
                | M::Rol
                | M::Ror
                | M::Shld
                | M::Shrd
                | M::Bt
                | M::Bts
                | M::Btr
                | M::Btc
                | M::Bsf
                | M::Bsr
                | M::Bswap
                | M::Push
                | M::Pop
                | M::Leave
                | M::Nop
                | M::Xchg
                | M::Xadd
                | M::Cmpxchg
                | M::Cmpxchg16b
                | M::Cmpxchg8b
                | M::Mfence
                | M::Lfence
                | M::Sfence
                | M::Pause
                | M::Seto
                | M::Setno
                | M::Setb
                | M::Setae
                | M::Sete
                | M::Setne
                | M::Setbe
                | M::Seta
                | M::Sets
                | M::Setns
                | M::Setp
                | M::Setnp
                | M::Setl
                | M::Setge
                | M::Setle
                | M::Setg
        )
    };
    let odd = matches!(
        instruction.mnemonic(),
        M::Ldmxcsr
            | M::Stmxcsr
            | M::Vldmxcsr
            | M::Vstmxcsr
            | M::Maskmovdqu
            | M::Vmaskmovdqu
            | M::Maskmovq
    );
    let has_old_names = instruction.cpuid_features().iter().all(|feature| {
        use CpuidFeature as F;
        matches!(
            feature,
            F::SSE
                | F::SSE2
                | F::SSE3
                | F::SSSE3
                | F::SSE4_1
                | F::SSE4_2
                | F::POPCNT
                | F::CMOV
                | F::AVX
                | F::AVX2
                | F::FMA
                | F::BMI1
                | F::BMI2
                | F::LZCNT
                | F::AVX_VNNI
                | F::AVX512F
                | F::AVX512DQ
                | F::AVX512BW
                | F::AVX512VL
                | F::AVX512CD
                | F::AVX512_VBMI
                | F::AVX512_BITALG
                | F::AVX512_VNNI
                | F::PCLMULQDQ
        )
    });
    // Gathers and the like read more than one place, and a bit that a register names may be anywhere from there.
    let bit_by_register = matches!(instruction.mnemonic(), M::Bt | M::Bts | M::Btr | M::Btc)
        && instruction.op0_kind() == OpKind::Memory
        && instruction.op1_kind() == OpKind::Register;
    let one_place = !instruction.is_vsib() && !bit_by_register;
    // Of 16 bits, these are not as they are here.
    if matches!(instruction.code(), Code::Leavew | Code::Movsxd_r16_rm16) {
        return false;
    }
    let has_other_prefix = instruction.has_rep_prefix() || instruction.has_repne_prefix();
    let is_general =
        general(instruction.mnemonic()) && (!has_other_prefix || instruction.mnemonic() == M::Nop);
    one_place && (is_general || has_old_names && !odd)
}
