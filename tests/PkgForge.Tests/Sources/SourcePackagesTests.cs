using AwesomeAssertions;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Sources;

public sealed class SourcePackagesTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData("a.src.rpm", typeof(SourceRpm))]
    [InlineData("a_1.dsc", typeof(DebianSource))]
    [InlineData("a.dummy", typeof(DummySource))]
    public void The_class_is_chosen_by_what_the_file_is(string name, Type type) =>
        SourcePackages.Recognise(scratch.Write(name, "x")).Package.Should().BeOfType(type);

    [Fact]
    public void A_package_without_sources_is_recognised_so_that_it_can_be_refused_by_name() =>
        SourcePackages.Recognise(scratch.Write("a.nosrc.rpm", "x")).Package!.Validate().Rule.Should().Be("nosrc");

    [Theory]
    [InlineData("a.rpm")]
    [InlineData("a.tar.gz")]
    [InlineData("dsc")]
    public void What_is_no_source_package_is_refused_with_what_is_accepted(string name)
    {
        var result = SourcePackages.Recognise(scratch.Write(name, "x")).Result;
        result.Rule.Should().Be("unknown-format");
        result.File.Should().Be(name);
        result.Message.Should().Contain(".src.rpm").And.Contain(".dsc");
    }

    public static TheoryData<string> Names => [".src.rpm", ".dsc", ".dummy"];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_no_file_is_refused_at_once(string suffix)
    {
        var path = scratch["a_1" + suffix];
        Rules(path).Should().Equal("missing", "missing");
        File.CreateSymbolicLink(path, scratch.Write("real", "x"));
        Rules(path).Should().Equal("symlink", "symlink");
        File.Delete(path);
        File.CreateSymbolicLink(path, "nowhere");
        Rules(path).Should().Equal("symlink", "symlink");
        File.Delete(path);
        Directory.CreateDirectory(path);
        Rules(path).Should().Equal("directory", "directory");
        Directory.Delete(path);
        Tool.Run("mkfifo", path);
        Rules(path).Should().Equal("not-regular", "not-regular");
        File.Delete(path);
        scratch.Write("a_1" + suffix, "");
        Rules(path).Should().Equal("empty", "empty");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/dev/null")]
    [InlineData("a\0b.dsc")]
    [InlineData("no/such/place/a.dsc")]
    public void A_path_that_cannot_be_a_package_is_a_result(string path) =>
        SourcePackages.Recognise(path).Result.IsValid.Should().BeFalse();

    [Fact]
    public void A_name_that_is_too_long_for_a_file_is_missing() =>
        SourcePackages.Recognise(scratch[new string('a', 300) + ".dsc"]).Result.Rule.Should().Be("missing");

    [Fact]
    public void A_stopped_validation_ends_at_once()
    {
        var path = scratch.Write("crafted.src.rpm", RpmBytes.V4().ToArray());
        var validate = () => new SourceRpm(path).Validate(new CancellationToken(canceled: true));
        validate.Should().Throw<OperationCanceledException>();
    }

    /// <summary>The rule by which the path is refused, and the one by which a package of that path is.</summary>
    private static string?[] Rules(string path)
    {
        SourcePackage package =
            path.EndsWith(".dsc", StringComparison.Ordinal) ? new DebianSource(path)
            : path.EndsWith(".dummy", StringComparison.Ordinal) ? new DummySource(path)
            : new SourceRpm(path);
        return [SourcePackages.Recognise(path).Result.Rule, package.Validate().Rule];
    }
}
