using AwesomeAssertions;
using PkgForge.Server.Builds.Roots;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>Several builders of a machine that look after its layers at once. Locks belong to who opened the file, so that two stores are as good as two processes.</summary>
public sealed class LayerStoreRaceTests : IDisposable
{
    private const int Layers = 24;
    private const int Size = 1000;

    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-layers-").FullName;
    private readonly LayerStore one;
    private readonly LayerStore other;

    public LayerStoreRaceTests()
    {
        (one, other) = (new(root), new(root));
        one.Initialise();
    }

    [Fact]
    public async Task Two_that_evict_at_once_remove_what_is_too_much_and_no_more()
    {
        for (var round = 0; round < 5; round++)
        {
            MakeLayers(round);
            await Task.WhenAll(
                Task.Run(() => one.EvictAsync(Layers / 2 * Size, default)),
                Task.Run(() => other.EvictAsync(Layers / 2 * Size, default))
            );

            Names()
                .Should()
                .Equal(Enumerable.Range(Layers / 2, Layers / 2).Select(i => Name(round, i)), "of round {0}", round);
            Directory.EnumerateFileSystemEntries($"{root}/making").Should().BeEmpty();
            await one.EvictAsync(0, default);
            Names().Should().BeEmpty();
        }
    }

    [Fact]
    public async Task Of_two_that_have_made_the_same_layer_one_names_it_and_neither_fails()
    {
        for (var round = 0; round < 50; round++)
        {
            var (name, places) = ($"deps-{round}", new[] { one, other }.Select(store => (store, store.NewPlace())));
            foreach (var (_, place) in places = [.. places])
                Directory.CreateDirectory($"{place}/root");

            var named = await Task.WhenAll(places.Select(made => Task.Run(() => made.store.TryName(made.Item2, name))));

            named.Should().BeEquivalentTo([true, false], "of round {0}", round);
            one.Has(name).Should().BeTrue();
        }
    }

    [Fact]
    public async Task Two_that_find_the_same_unfinished_layer_of_a_dead_builder_remove_it()
    {
        for (var round = 0; round < 10; round++)
        {
            var place = Directory.CreateDirectory($"{root}/making/left-{round}").FullName;
            for (var i = 0; i < 50; i++)
                await File.WriteAllTextAsync($"{Directory.CreateDirectory($"{place}/root/{i}").FullName}/file", "x");
            Directory.SetLastWriteTimeUtc(place, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));
            await Task.WhenAll(
                Task.Run(() => one.EvictAsync(0, default)),
                Task.Run(() => other.EvictAsync(0, default))
            );

            Directory.Exists(place).Should().BeFalse();
        }
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private static string Name(int round, int i) => $"deps-{round:00}{i:00}";

    private IEnumerable<string?> Names() => Directory.GetDirectories($"{root}/layers").Select(Path.GetFileName).Order();

    /// <summary>Layers as they lie on the disk, the first the longest unused.</summary>
    private void MakeLayers(int round)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        for (var i = 0; i < Layers; i++)
        {
            var place = $"{root}/layers/{Name(round, i)}";
            Directory.CreateDirectory($"{place}/root/usr");
            File.WriteAllText($"{place}/root/usr/file", "content");
            File.WriteAllText($"{place}/seal", $"digest\n{Size}\n");
            File.WriteAllText($"{place}/use", "");
            File.SetLastWriteTimeUtc($"{place}/use", now.AddDays(-2).AddMinutes(i));
            Directory.SetLastWriteTimeUtc(place, now.AddDays(-3));
        }
    }
}
