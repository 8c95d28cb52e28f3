using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Records;
using Xunit;

namespace PkgForge.Tests.Records;

public sealed class RootPackagesTests
{
    [Fact]
    public void A_root_has_what_its_layers_add_without_what_they_take_away()
    {
        var record = Record(
            new("top", "", [P("gcc 12"), P("libc 2")], [P("libc 1")]),
            new("base", "", [P("libc 1"), P("bash 5")], [])
        );

        RootPackages
            .Of(record, record.Builds[0])
            .Select(package => package.ToString())
            .Should()
            .Equal("bash 5 amd64", "gcc 12 amd64", "libc 2 amd64");
    }

    [Fact]
    public void A_layer_that_the_record_does_not_have_adds_nothing()
    {
        var record = Record(new RecordedLayer("base", "", [P("bash 5")], []));
        var build = record.Builds[0] with { Layers = ["gone", "base"] };

        RootPackages.Of(record, build).Should().ContainSingle();
    }

    [Fact]
    public void What_was_added_removed_and_upgraded_is_told_and_nothing_else()
    {
        var changes = RootPackages.Compare(
            [P("bash 5"), P("gcc 12"), P("old 1"), P("same 1", "sha256:a"), P("rebuilt 1", "sha256:a")],
            [P("bash 5"), P("gcc 13"), P("new 1"), P("same 1"), P("rebuilt 1", "sha256:b")]
        );

        changes
            .Should()
            .Equal(
                new("gcc", "amd64", "12", "13"),
                new("new", "amd64", null, "1"),
                new("old", "amd64", "1", null),
                new PackageChange("rebuilt", "amd64", "1", "1")
            );
    }

    [Fact]
    public void A_name_that_is_there_several_times_is_one_change()
    {
        RootPackages
            .Compare([P("kernel 1"), P("kernel 2")], [P("kernel 2"), P("kernel 3")])
            .Should()
            .Equal(new PackageChange("kernel", "amd64", "1, 2", "2, 3"));
    }

    private static RecordedPackage P(string text, string? digest = null) =>
        new(text.Split(' ')[0], text.Split(' ')[1], "amd64", digest);

    private static AttemptRecord Record(params RecordedLayer[] layers) =>
        new()
        {
            Job = JobId.Parse("a"),
            Platform = new("bookworm", "amd64"),
            Attempt = 1,
            Builder = "b1",
            Host = "forge",
            Version = "0",
            Kernel = "6",
            Begun = default,
            Ended = default,
            Limits = new(default, default, 0, 0, 0, 1, 1),
            ControlGroups = [],
            Layers = layers,
            Builds =
            [
                new()
                {
                    Source = "a_1.dsc",
                    Result = RecordedBuild.Built,
                    Files = [],
                    Layers = [.. layers.Select(layer => layer.Name)],
                    SourceDateEpoch = null,
                    Steps = [],
                    Products = [],
                },
            ],
        };
}
