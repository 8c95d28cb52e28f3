using AwesomeAssertions;
using PkgForge.Native;
using Xunit;

namespace PkgForge.Tests.Native;

/// <summary>The filter of system calls, run as the kernel runs it.</summary>
public sealed class SystemCallFilterTests
{
    private const uint X64 = 0xc000003e;
    private const uint X86 = 0x40000003;
    private const uint Arm64 = 0xc00000b7;
    private const uint Arm = 0x40000028;

    [Theory]
    [InlineData(X64, 163)] // acct, the first of the list
    [InlineData(X64, 153)] // vhangup, the last
    [InlineData(X64, 250)] // keyctl
    [InlineData(X64, 0x40000000 | 250)] // the same by x32
    [InlineData(X86, 288)]
    [InlineData(Arm64, 219)]
    [InlineData(Arm, 311)]
    public void A_call_of_the_list_is_refused(uint architecture, uint number) =>
        Run(architecture, number).Should().Be(0x00050001);

    [Theory]
    [InlineData(X64, 0)]
    [InlineData(X64, 59)]
    [InlineData(X86, 250)]
    [InlineData(Arm64, 163)]
    [InlineData(Arm, 11)]
    [InlineData(0x12345678, 250)]
    public void Any_other_call_is_allowed(uint architecture, uint number) =>
        Run(architecture, number).Should().Be(0x7fff0000);

    private static uint Run(uint architecture, uint number)
    {
        var program = SystemCallFilter.Program();
        var loaded = 0u;
        for (var at = 0; ; at++)
        {
            var step = program[at];
            if (step.Code == 0x06)
                return step.Value;
            if (step.Code == 0x20)
                loaded = step.Value == 0 ? number : architecture;
            else
                at += loaded == step.Value ? step.IfTrue : step.IfFalse;
        }
    }
}
