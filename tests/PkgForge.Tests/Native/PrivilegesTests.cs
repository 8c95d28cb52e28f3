using System.Diagnostics;
using AwesomeAssertions;
using PkgForge.Native;
using Xunit;

namespace PkgForge.Tests.Native;

/// <summary>There is no way back, so it is done in a child: this test program, told to run only the explicit test.</summary>
public sealed class PrivilegesTests
{
    [Fact]
    public async Task Rights_that_were_given_up_are_gone()
    {
        Assert.SkipWhen(Accounts.EffectiveUser != 0, "giving up root's rights needs root");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(PrivilegesTests).Assembly.Location);
        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add($"*{nameof(PrivilegesTests)}.{nameof(Become_nobody)}");
        start.ArgumentList.Add("--explicit");
        start.ArgumentList.Add("only");
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        process.ExitCode.Should().Be(0, output);
    }

    [Fact(Explicit = true)]
    public void Become_nobody()
    {
        var nobody = Accounts.FindUser("nobody")!;

        Privileges.DropTo(nobody);

        Accounts.CurrentUser.Should().Be(nobody.Uid);
        Accounts.EffectiveUser.Should().Be(nobody.Uid);
        Accounts.CurrentGroup.Should().Be(nobody.Gid);
        Environment.GetEnvironmentVariable("USER").Should().Be("nobody");
        FluentActions
            .Invoking(() => File.ReadAllText("/etc/shadow"))
            .Should()
            .Throw<UnauthorizedAccessException>("this thread has lost its rights");
        var others = new Thread(() => Accounts.EffectiveUser.Should().Be(nobody.Uid));
        others.Start();
        others.Join();
    }
}
