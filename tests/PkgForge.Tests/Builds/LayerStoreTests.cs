using AwesomeAssertions;
using PkgForge.Server.Builds.Roots;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>Layers over layers, as they lie on the disk.</summary>
public sealed class LayerStoreTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-layers-").FullName;
    private readonly LayerStore store;

    public LayerStoreTests()
    {
        store = new(root);
        store.Initialise();
    }

    [Fact]
    public void A_stack_is_a_layer_with_those_that_it_lies_over_and_the_base()
    {
        Make("deps-1");
        Make("deps-2", below: "deps-1");
        Make("deps-3", below: "deps-2");

        store.Stack("deps-3", "base-1").Should().Equal("deps-3", "deps-2", "deps-1", "base-1");
        store.Stack("deps-1", "base-1").Should().Equal("deps-1", "base-1");
        store.Stack("", "base-1").Should().Equal("base-1");
    }

    [Fact]
    public async Task A_layer_is_not_there_without_the_one_below_and_goes_with_the_next_eviction()
    {
        Make("deps-2", below: "deps-1");
        Make("deps-3", below: "deps-2");
        store.Notes.Write("subject", "deps-3");
        store.Has("deps-3").Should().BeFalse();
        store.Notes.Find("subject").Should().BeNull();

        await store.EvictAsync(long.MaxValue, default);

        Directory.EnumerateDirectories($"{root}/layers").Should().BeEmpty();
    }

    [Fact]
    public void A_layer_does_not_lie_over_another_one_that_has_got_the_same_name_since()
    {
        Make("deps-1");
        Make("deps-2", below: "deps-1");
        store.Has("deps-2").Should().BeTrue();

        File.WriteAllText($"{root}/layers/deps-1/seal", "other\n1\n");

        store.Has("deps-2").Should().BeFalse();
        store.Stack("deps-2", "base-1").Should().NotContain("deps-1");
    }

    [Fact]
    public async Task A_layer_that_could_not_be_filled_leaves_nothing()
    {
        await store
            .Awaiting(it => it.MakeAsync("deps-2", _ => throw new IOException("no space left"), default))
            .Should()
            .ThrowAsync<IOException>();

        store.Has("deps-2").Should().BeFalse();
        Directory.EnumerateFileSystemEntries($"{root}/making").Should().BeEmpty();
    }

    [Fact]
    public async Task Of_layers_that_were_used_together_the_upper_one_goes_first()
    {
        Make("deps-1", size: 600);
        Make("deps-2", below: "deps-1", size: 600);

        await store.EvictAsync(1000, default);

        store.Has("deps-1").Should().BeTrue();
        Directory.Exists(store.Root("deps-2")).Should().BeFalse();
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>A layer that was last used long ago.</summary>
    private void Make(string name, string? below = null, int size = 1)
    {
        var place = $"{root}/layers/{name}";
        Directory.CreateDirectory($"{place}/root");
        File.WriteAllText($"{place}/root/file", "old");
        File.WriteAllText($"{place}/seal", $"digest\n{size}\n");
        File.WriteAllText($"{place}/use", "");
        if (below is not null)
            File.WriteAllText($"{place}/below", $"{below} digest");
        File.SetLastWriteTimeUtc($"{place}/use", new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }
}
