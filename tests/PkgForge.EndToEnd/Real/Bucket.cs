using System.IO.Compression;
using System.Xml.Linq;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Real;

/// <summary>What the repositories of the bucket <c>main</c> offer to those who use them: names of package files.</summary>
internal static class Bucket
{
    public static IEnumerable<string> Debian(TestFarm farm)
    {
        var index = $"{farm.Directory}/buckets/main/bookworm-amd64/dists/bookworm/main/binary-amd64/Packages";
        return File.Exists(index)
            ? File.ReadLines(index)
                .Where(line => line.StartsWith("Filename: ", StringComparison.Ordinal))
                .Select(line => Path.GetFileName(line))
                .Order(StringComparer.Ordinal)
            : [];
    }

    public static IEnumerable<string> Rpm(TestFarm farm)
    {
        var repodata = $"{farm.Directory}/buckets/main/tiny12-x86_64/repodata";
        if (!Directory.Exists(repodata))
            return [];
        XNamespace repo = "http://linux.duke.edu/metadata/repo";
        XNamespace common = "http://linux.duke.edu/metadata/common";
        var href = XDocument
            .Load($"{repodata}/repomd.xml")
            .Descendants(repo + "data")
            .Single(data => data.Attribute("type")!.Value == "primary")
            .Element(repo + "location")!
            .Attribute("href")!
            .Value;
        using var stream = new GZipStream(File.OpenRead($"{repodata}/../{href}"), CompressionMode.Decompress);
        return
        [
            .. XDocument
                .Load(stream)
                .Descendants(common + "location")
                .Select(location => Path.GetFileName(location.Attribute("href")!.Value))
                .Order(StringComparer.Ordinal),
        ];
    }
}
