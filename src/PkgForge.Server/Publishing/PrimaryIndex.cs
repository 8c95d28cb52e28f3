using System.IO.Compression;
using System.Xml;

namespace PkgForge.Server.Publishing;

/// <summary>Reads from <c>primary.xml.gz</c> which packages it describes.</summary>
internal static class PrimaryIndex
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreWhitespace = true,
    };

    /// <summary>SHA-256 of each package, by its path.</summary>
    /// <exception cref="FarmFaultException">It is not what createrepo_c writes.</exception>
    public static Dictionary<string, string> Read(string path)
    {
        try
        {
            using var unpacked = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            using var xml = XmlReader.Create(unpacked, Settings);
            return Read(xml);
        }
        catch (Exception e) when (e is XmlException or InvalidDataException)
        {
            throw new FarmFaultException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static Dictionary<string, string> Read(XmlReader xml)
    {
        var packages = new Dictionary<string, string>();
        var digest = "";
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "checksum" && xml.GetAttribute("pkgid") == "YES")
                digest = xml.ReadString();
            else if (xml.LocalName == "location")
                packages[xml.GetAttribute("href") ?? ""] = digest;
        }
        return packages;
    }
}
