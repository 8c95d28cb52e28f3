using System.Globalization;
using System.Security.Cryptography;

namespace PkgForge.EndToEnd.Farms;

/// <summary>A job that somebody puts into <c>incoming</c> without <c>pkgforge submit</c>: its directory, before and after it is there.</summary>
internal sealed class HandMadeJob
{
    private readonly TestFarm farm;

    public HandMadeJob(TestFarm farm, string id)
    {
        this.farm = farm;
        Id = id;
        Directory.CreateDirectory(Aside);
    }

    public string Id { get; }

    /// <summary>Where it is put together.</summary>
    public string Aside => $"{farm.Directory}/sources/{Id}.job";

    public string Place => $"{farm.Incoming}/{Id}";

    /// <summary>A dummy source of a job, as it is to be and as it is listed.</summary>
    public static byte[] Source => "name hand 1.0\nproduct hand.txt x\n"u8.ToArray();

    /// <summary>The manifest of a job with <see cref="Source"/> as <c>hand.dummy</c>.</summary>
    public string Manifest =>
        $"""
            version: 1
            id: "{Id}"
            submitter: "{Executable.User.Name}"
            time: "2026-11-22T18:00:00Z"
            bucket: "main"
            sources: ["hand.dummy"]
            files:
            - name: "hand.dummy"
              size: {Source.Length.ToString(CultureInfo.InvariantCulture)}
              sha256: "{Convert.ToHexStringLower(SHA256.HashData(Source))}"

            """;

    /// <summary>Writes the manifest and the source; a null leaves one out.</summary>
    public HandMadeJob With(string? manifest, byte[]? source)
    {
        if (manifest is not null)
            File.WriteAllText($"{Aside}/job.yml", manifest);
        if (source is not null)
            File.WriteAllBytes($"{Aside}/hand.dummy", source);
        return this;
    }

    /// <summary>Moves the directory into <c>incoming</c>, in one step.</summary>
    public async Task PutAsync(string? owner = null)
    {
        await farm.GiveAsync(Aside, owner);
        Directory.Move(Aside, Place);
    }

    /// <summary>Writes a file of a job that is in <c>incoming</c> already.</summary>
    public async Task AddAsync(string name, byte[] content)
    {
        await File.WriteAllBytesAsync($"{Aside}.part", content);
        await farm.GiveAsync($"{Aside}.part");
        File.Move($"{Aside}.part", $"{Place}/{name}", overwrite: true);
    }
}
