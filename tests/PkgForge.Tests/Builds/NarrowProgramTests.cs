using System.Runtime.InteropServices;
using AwesomeAssertions;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>A machine is asked whether it runs 32-bit programs by running one.</summary>
public sealed class NarrowProgramTests
{
    [Theory]
    [InlineData(Architecture.X64, "Intel 80386")]
    [InlineData(Architecture.Arm64, "ARM")]
    public async Task The_program_is_one_of_the_32_bit_sister(Architecture wide, string machine)
    {
        var directory = Directory.CreateTempSubdirectory("pkgforge-");
        try
        {
            var file = Path.Combine(directory.FullName, "narrow");
            await File.WriteAllBytesAsync(file, NarrowProgram.Write(wide), TestContext.Current.CancellationToken);
            var said = await Tool.RequireAsync(new("readelf", "-hlW", file), TestContext.Current.CancellationToken);
            said.Should().Contain("ELF32").And.Contain(machine).And.Contain("EXEC (Executable file)");
            said.Should()
                .MatchRegex(@"LOAD\s+0x000000 0x00010000 0x00010000 \S+ \S+ R E 0x1000")
                .And.NotContain("Warning");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("#!/bin/true\n", false)]
    [InlineData("#!/bin/false\n", true)]
    [InlineData("\u007fELF of no kind that a kernel knows", true)]
    [InlineData("#!/nonexistent/interpreter\n", null)]
    public void Only_a_program_that_the_kernel_does_not_run_is_refused(string program, bool? refused) =>
        NarrowProgram.IsRefused(System.Text.Encoding.ASCII.GetBytes(program)).Should().Be(refused);
}
