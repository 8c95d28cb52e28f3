using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Real;

/// <summary>The contract, kept by the scripted builder.</summary>
public sealed class DummyBuilderTests : PackageBuilderContract
{
    private protected override Task<TestFarm> MakeAsync(string more = "") => MakeFarmAsync(new() { More = more });

    private protected override string Builder => "b1";

    private protected override string Platform => "dummy-all";

    private protected override string Begun => "begun";

    private protected override string Behaving(TestFarm farm, string name) =>
        name switch
        {
            "bad-hang" => farm.Script(name, "print begun", "hang"),
            "bad-output" => farm.Script(name, "print-forever"),
            "bad-talk" => farm.Script(name, "sleep 600"),
            _ => farm.Script(name, "print nothing to do", $"product {name}.txt text"),
        };

    private protected override string Failing(TestFarm farm) =>
        farm.Script("greet-fail", "fail test the test has failed");
}

/// <summary>The contract, kept by the farm's own builder of Debian source packages.</summary>
public sealed class DebianBuilderTests : DebianContract;

/// <summary>The contract, kept by the farm's own builder of SRPMs.</summary>
public sealed class RpmBuilderTests : RpmContract;

/// <summary>The contract, kept by <c>sbuild</c>.</summary>
public sealed class SbuildBuilderTests : DebianContract
{
    private protected override string DebianDriver => "sbuild";

    private protected override Task<TestFarm> MakeAsync(string more = "")
    {
        Executable.Require(
            File.Exists("/usr/bin/sbuild"),
            "sbuild is missing: tests/environment test installs it (Debian: sbuild)"
        );
        return base.MakeAsync(more);
    }
}

/// <summary>The contract, kept by <c>mock</c>. No suite of Debian has it: where the tests usually run they are skipped.</summary>
public sealed class MockBuilderTests : RpmContract
{
    private const string Program = "/usr/libexec/mock/mock";

    private protected override string RpmDriver => "mock";

    private protected override Task<TestFarm> MakeAsync(string more = "")
    {
        Xunit.Assert.SkipUnless(
            File.Exists(Program),
            $"mock is not installed ({Program} is not there), and Debian has no package of it"
        );
        return base.MakeAsync(more);
    }
}
